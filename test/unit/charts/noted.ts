// What charts of whole trees are written with: a log in the context of what reached an actor, events by
// name, a throw, and small machines that many of them start.

import {
  type AnyEventObject,
  type AnyStateMachine,
  assign,
  fromTransition,
  type MachineContext,
  raise,
  sendParent,
  sendTo,
  setup,
  type TransitionActorLogic,
} from 'xstate';
import type { Ending } from './chart.ts';

/** What guards, assigns and inputs of these charts look at. */
export interface Args {
  readonly context: MachineContext;
  readonly event: AnyEventObject;
}

type Noting = ReturnType<
  typeof assign<MachineContext, AnyEventObject, unknown, AnyEventObject, never>
>;

/** Machines that keep a log have this action. */
export const actions: { readonly note: Noting } = {
  note: assign<MachineContext, AnyEventObject, unknown, AnyEventObject, never>({
    log: ({ context }: { context: MachineContext }, what: unknown) => [...context['log'], what],
  }),
};

interface Note {
  readonly type: 'note';
  readonly params: string | ((args: Args) => unknown);
}

export const note = (what: Note['params']): Note => ({ type: 'note', params: what });

/** Notes the type of whatever event comes, and of an error its message. */
export const noteType: Note = note(({ event }) =>
  event['error'] === undefined ? event.type : `${event.type}: ${event['error'].message}`,
);

export const breakWith = (message: string) => (): never => {
  throw new Error(message);
};

export const events = (...types: readonly string[]): readonly AnyEventObject[] =>
  types.map((type) => ({ type }));

export const endings: readonly Ending[] = [
  { type: 'done', output: { n: 7, list: ['a', null] } },
  { type: 'done', output: null },
  { type: 'error', error: { name: 'Error', message: 'call broke' } },
];

/** Tells its parent what it does; can finish, break, and talk to a peer that it is told of. */
export const worker: AnyStateMachine = setup({
  actions,
  types: { input: {} as { readonly name: string } },
}).createMachine({
  id: 'worker',
  context: ({ input }) => ({ log: [], name: input.name, n: 0 }),
  initial: 'on',
  entry: sendParent(({ context }) => ({ type: 'UP', from: context['name'] })),
  on: {
    DO: {
      actions: [
        note('do'),
        assign({ n: ({ context }) => context['n'] + 1 }),
        sendParent(({ context }) => ({ type: 'REPORT', from: context['name'], n: context['n'] })),
      ],
    },
    TWICE: {
      actions: [
        sendParent({ type: 'REPORT', n: -1 }),
        raise({ type: 'DO' }),
        sendParent({ type: 'REPORT', n: -2 }),
      ],
    },
    FINISH: '.off',
    BREAK: { actions: assign(breakWith('worker broke')) },
    PEER: { actions: sendTo(({ event }) => event['ref'], { type: 'HELLO' }) },
    '*': { actions: note(({ event }) => event.type) },
  },
  states: { on: {}, off: { type: 'final', entry: sendParent({ type: 'BYE' }) } },
  output: ({ context }) => ({ n: context['n'] }),
});

interface Count {
  readonly n: number;
}

/** A reducer that counts, and throws at `BOOM`. */
export const counter: TransitionActorLogic<Count, AnyEventObject, unknown> = fromTransition(
  (count: Count, event: AnyEventObject) => {
    if (event.type === 'BOOM') throw new Error('counter broke');
    return event.type === 'ADD' ? { n: count.n + (event['by'] ?? 1) } : count;
  },
  { n: 0 },
);

/** Is there and keeps a log of what it is sent. */
export const listener: AnyStateMachine = setup({ actions }).createMachine({
  id: 'listener',
  context: { log: [] },
  on: { '*': { actions: note(({ event }) => event.type) } },
});
