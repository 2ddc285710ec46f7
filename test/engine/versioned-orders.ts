// One order in two versions: the second renames states, so the ids of its timer and its invoke change.

import {
  effect,
  type MigratedActor,
  type MigratingActor,
  type Migration,
  migration,
} from 'sagawright';
import { type AnyStateMachine, assign, sendTo, setup } from 'xstate';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<{ readonly amountMinor: number }, string>({ timeout: '1h' });

type OrderEvent =
  | { readonly type: 'PAY' }
  | { readonly type: 'WAIT' }
  | { readonly type: 'HIRE' }
  | { readonly type: 'TELL' };

interface FirstContext {
  readonly total: number;
  readonly paid?: string;
}

interface SecondContext {
  readonly amountMinor: number;
  readonly paid?: string;
}

const types = { events: {} as OrderEvent };

const worker = setup({
  types: { events: {} as { readonly type: 'WORK' } },
  actors: { charge },
}).createMachine({
  id: 'worker',
  initial: 'idle',
  context: { seen: 0 },
  states: {
    idle: { on: { WORK: 'busy' } },
    busy: {
      entry: assign({ seen: 1 }),
      invoke: { id: 'task', src: 'charge', input: { amountMinor: 7 }, onDone: 'over' },
    },
    over: { type: 'final' },
  },
});

const workerRenamed = setup({
  types: { events: {} as { readonly type: 'WORK' } },
  actors: { charge },
}).createMachine({
  id: 'worker',
  initial: 'waiting',
  context: { seen: 0 },
  states: {
    waiting: { on: { WORK: 'working' } },
    working: {
      invoke: { id: 'task', src: 'charge', input: { amountMinor: 7 }, onDone: 'over' },
    },
    over: { type: 'final' },
  },
});

export const first: AnyStateMachine = setup({
  types: { ...types, context: {} as FirstContext },
  actors: { charge, worker },
}).createMachine({
  id: 'order',
  version: '1',
  context: { total: 12 },
  initial: 'PENDING',
  states: {
    PENDING: { on: { PAY: 'PAYING', WAIT: 'WAITING', HIRE: 'HIRING' } },
    PAYING: {
      invoke: {
        src: 'charge',
        input: ({ context }) => ({ amountMinor: context.total * 100 }),
        onDone: { target: 'PAID', actions: assign({ paid: ({ event }) => event.output }) },
      },
      after: { 60000: 'LATE' },
    },
    WAITING: { after: { 60000: 'LATE' } },
    HIRING: {
      invoke: { id: 'hired', src: 'worker', onDone: 'PAID' },
      on: { TELL: { actions: sendTo('hired', { type: 'WORK' }) } },
    },
    PAID: { type: 'final' },
    LATE: {},
  },
});

export const second: AnyStateMachine = setup({
  types: { ...types, context: {} as SecondContext },
  actors: { charge, worker: workerRenamed },
}).createMachine({
  id: 'order',
  version: '2',
  context: { amountMinor: 1_200 },
  initial: 'NEW',
  states: {
    NEW: { on: { PAY: 'CHARGING', WAIT: 'IDLE', HIRE: 'HIRING' } },
    CHARGING: {
      invoke: {
        src: 'charge',
        input: ({ context }) => ({ amountMinor: context.amountMinor }),
        onDone: { target: 'CHARGED', actions: assign({ paid: ({ event }) => event.output }) },
      },
      after: { 60000: 'EXPIRED' },
    },
    IDLE: { after: { 60000: 'EXPIRED' } },
    HIRING: {
      invoke: { id: 'hired', src: 'worker', onDone: 'CHARGED' },
      on: { TELL: { actions: sendTo('hired', { type: 'WORK' }) } },
    },
    CHARGED: { type: 'final' },
    EXPIRED: {},
  },
});

const RENAMED: Readonly<Record<string, string>> = {
  PENDING: 'NEW',
  PAYING: 'CHARGING',
  WAITING: 'IDLE',
  LATE: 'EXPIRED',
};

/** An id by which a state is named at its end. */
function rename(id: string): string {
  const [path, state = ''] = [id.slice(0, id.lastIndexOf('.') + 1), id.split('.').at(-1)];
  return `${path}${RENAMED[state] ?? state}`;
}

export function toSecond(actor: MigratingActor<FirstContext>): MigratingActor<SecondContext> {
  const { total, ...context } = actor.context;
  return {
    ...actor,
    value: rename(String(actor.value)),
    context: { ...context, amountMinor: total * 100 },
    timers: actor.timers.map((timer) => ({ ...timer, id: rename(timer.id) })),
    effects: actor.effects.map((call) => ({ ...call, id: rename(call.id) })),
    children: actor.children.map((child) => ({ ...child, id: rename(child.id) })),
  };
}

export const orderToSecond: Migration = migration<FirstContext>({
  machine: 'order',
  from: '1',
  to: '2',
  migrate: toSecond,
});

const workerToSecond: Migration = migration({
  machine: 'order/worker',
  from: '1',
  to: '2',
  migrate: (actor) => ({ ...actor, value: actor.value === 'idle' ? 'waiting' : 'working' }),
});

export const migrations: readonly Migration[] = [orderToSecond, workerToSecond];

/** The migration of the order with another result. */
export function changed(change: (result: MigratedActor) => MigratedActor): Migration {
  return migration<FirstContext>({
    machine: 'order',
    from: '1',
    to: '2',
    migrate: (actor) => change(toSecond(actor)),
  });
}

/** A world with an order of the first version that has taken these events. */
export async function started(
  on: 'memory' | 'sqlite',
  events: readonly ('HIRE' | 'PAY' | 'TELL' | 'WAIT')[],
  handler: ScriptedHandler = new ScriptedHandler(),
): Promise<EngineWorld> {
  const world = await openWorld({ on, machines: [first], handlers: { charge: handler.run } });
  const actor = await world.engine.start(first, { id: 'o' });
  for (const type of events) await actor.send({ type });
  await world.time.settle();
  return world;
}
