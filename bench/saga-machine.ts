// The machine that is measured: three effects in a row, then done. The same definition runs under the
// engine and in a plain createActor; the handlers do nothing, so what is measured is the machinery.

import { type Engine, effect } from 'sagawright';
import { type AnyStateMachine, assign, createActor, setup, toPromise } from 'xstate';

interface Step {
  readonly orderId: string;
  readonly amountMinor: number;
}

/** What each handler answers. */
interface Done {
  readonly id: string;
}

const step = effect<Step, Done>({ retry: { attempts: 3 } }, async ({ input }) => ({
  id: input.orderId,
}));

const saga = setup({
  types: {
    context: {} as Step & { readonly ids: readonly string[] },
    input: {} as Step,
  },
  actors: { charge: step, reserve: step, confirm: step },
  actions: {
    keep: assign({
      ids: ({ context }, { id }: { readonly id: string }) => [...context.ids, id],
    }),
  },
}).createMachine({
  id: 'bench-saga',
  context: ({ input }) => ({ ...input, ids: [] }),
  initial: 'charging',
  states: {
    charging: {
      invoke: {
        src: 'charge',
        input: ({ context }) => ({ orderId: context.orderId, amountMinor: context.amountMinor }),
        onDone: {
          target: 'reserving',
          actions: { type: 'keep', params: ({ event }) => ({ id: event.output.id }) },
        },
        onError: 'failed',
      },
    },
    reserving: {
      invoke: {
        src: 'reserve',
        input: ({ context }) => ({ orderId: context.orderId, amountMinor: context.amountMinor }),
        onDone: {
          target: 'confirming',
          actions: { type: 'keep', params: ({ event }) => ({ id: event.output.id }) },
        },
        onError: 'failed',
      },
    },
    confirming: {
      invoke: {
        src: 'confirm',
        input: ({ context }) => ({ orderId: context.orderId, amountMinor: context.amountMinor }),
        onDone: {
          target: 'completed',
          actions: { type: 'keep', params: ({ event }) => ({ id: event.output.id }) },
        },
        onError: 'failed',
      },
    },
    completed: { type: 'final' },
    failed: { type: 'final' },
  },
  output: ({ context }) => ({ ids: context.ids }),
});

export const benchMachines: readonly AnyStateMachine[] = [saga];

/** One saga under the engine, from its start to its output. */
export async function runDurable(engine: Engine, index: number): Promise<void> {
  const actor = await engine.start(saga, { id: `saga-${index}`, input: inputOf(index) });
  await actor.result();
}

/** The same in plain XState. */
export async function runInMemory(index: number): Promise<void> {
  await toPromise(createActor(saga, { input: inputOf(index) }).start());
}

function inputOf(index: number): Step {
  return { orderId: `order-${index}`, amountMinor: index };
}
