// The order saga on all its paths: every outcome of every call, cancels, deadlines, late news and
// retries, in every order that the chart allows. What may be held is worked out from the events of
// a path alone, so that the chart cannot be right by its own account only.

import { getShortestPaths, getStateNodes, type StatePath } from '@xstate/graph';
import { type OrderSagaEvent, type OrderSagaInput, orderSaga } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { type SnapshotFrom, transition } from 'xstate';
import { coverChart } from '../support/chart-coverage.ts';
import { charge, createError, orderInput, reservation } from './order-world.ts';

type Saga = SnapshotFrom<typeof orderSaga>;
type Path = StatePath<Saga, OrderSagaEvent>;
/** Events that XState sends itself are not among those that a saga can be sent. */
type Event = OrderSagaEvent | { readonly type: `xstate.${string}` };
type Forward = 'chargeCard' | 'reserveStock';

const outputs: Readonly<Record<string, unknown>> = {
  askOrder: { revision: 1, value: 'PENDING' },
  chargeCard: charge,
  reserveStock: reservation,
  voidCharge: { refundedMinor: 13_912 },
  releaseStock: { status: 'released' },
};
const MAX_UNDO_CALLS = 2;

/** How the calls that a state has made can end. */
function answers(saga: Saga): readonly Event[] {
  return Object.keys(saga.children).flatMap((id): readonly Event[] => {
    const ended = { actorId: id } as const;
    const done = { type: `xstate.done.actor.${id}`, output: outputs[id], ...ended } as const;
    const failed = (error: unknown): Event => {
      const event = { type: `xstate.error.actor.${id}`, error, ...ended } as const;
      return event;
    };
    if (id === 'askOrder') {
      const refusal = (value: string): Event =>
        failed(createError('rejected', 'REFUSED', { value }));
      return [done, refusal('CANCELLED'), refusal('CONFIRMED')];
    }
    return [
      done,
      failed(createError('rejected', 'REFUSED')),
      failed(createError('unknown', 'TIMEOUT')),
    ];
  });
}

/** News of calls that are not waited for any more. */
function lateNews({ context, value }: Saga): readonly OrderSagaEvent[] {
  if (typeof value === 'object' && 'fulfilling' in value && value.fulfilling !== 'held') return [];
  const type = 'effect.late';
  const { payment, inventory } = context;
  const news: OrderSagaEvent[] = [];
  for (const outcome of ['done', 'rejected', 'unknown'] as const) {
    if (payment.outcome === 'unknown' && payment.undo.count < MAX_UNDO_CALLS) {
      const late = {
        type,
        id: 'chargeCard',
        src: 'chargeCard',
        key: payment.key,
        outcome,
      } as const;
      news.push(outcome === 'done' ? { ...late, output: charge } : late);
    }
    if (inventory.outcome === 'unknown' && inventory.undo.count < MAX_UNDO_CALLS) {
      const id = 'reserveStock';
      const late = { type, id, src: id, key: inventory.key, outcome } as const;
      news.push(outcome === 'done' ? { ...late, output: reservation } : late);
    }
  }
  return news;
}

function timers(saga: Saga): readonly Event[] {
  if (saga.matches('stopping')) return [{ type: 'xstate.after.stopWait.order-saga.stopping' }];
  if (saga.matches('settling')) return [{ type: 'xstate.after.settleWait.order-saga.settling' }];
  return [];
}

const orders: readonly OrderSagaEvent[] = [
  { type: 'CANCEL' },
  { type: 'saga.deadline' },
  { type: 'COMPENSATE' },
  { type: 'RESOLVE', by: 'ana', why: 'paid back by cheque' },
];

function possibleEvents(saga: Saga): readonly OrderSagaEvent[] {
  if (saga.status !== 'active') return [];
  const { payment, inventory } = saga.context;
  const isYoung =
    payment.undo.count < MAX_UNDO_CALLS &&
    inventory.undo.count < MAX_UNDO_CALLS &&
    payment.epoch + inventory.epoch < 4;
  const retry: readonly OrderSagaEvent[] = isYoung ? [{ type: 'RETRY' }] : [];
  const events = [...answers(saga), ...timers(saga), ...lateNews(saga), ...orders, ...retry];
  // The library types events as those of the machine, and walks on any.
  return (events as OrderSagaEvent[]).filter((event) => saga.can(event));
}

/** The library steps a saga under a new id each time, which its keys then begin with. */
function serialize({ value, context, children }: Saga): string {
  return JSON.stringify([value, context, Object.keys(children)]).replaceAll(/x:\d+:/g, '');
}

function walk(onFailure: 'compensate' | 'hold'): readonly Path[] {
  const { orderId, currency, totalMinor, items } = orderInput;
  const input: OrderSagaInput = { orderId, currency, totalMinor, items, onFailure };
  return getShortestPaths(orderSaga, {
    input,
    events: possibleEvents,
    serializeState: serialize,
  });
}

const undoneBy: Readonly<Record<Forward, string>> = {
  chargeCard: 'voidCharge',
  reserveStock: 'releaseStock',
};

/** What a path leaves held at the gateway, as far as anybody can know: from its events alone. */
function computeHeld(steps: Path['steps']): ReadonlySet<Forward> {
  const held = new Set<Forward>();
  const overtaken = new Set<Forward>();
  let running: ReadonlySet<string> = new Set();
  for (const { event, state } of steps) {
    const given: { type: string; error?: { outcome?: string }; outcome?: string; src?: string } =
      event;
    for (const call of ['chargeCard', 'reserveStock'] as const) {
      const isLate = given.type === 'effect.late' && given.src === call;
      const isRejected = given.type === `xstate.error.actor.${call}`;
      const undo = undoneBy[call];
      // Whatever was made may have happened, until it is known not to have.
      if (running.has(call) || (isLate && given.outcome === 'done')) held.add(call);
      if (isRejected && given.error?.outcome === 'rejected') held.delete(call);
      if (isLate && given.outcome === 'rejected') held.delete(call);
      if (isLate && given.outcome === 'done' && running.has(undo)) overtaken.add(call);
      if (given.type === `xstate.done.actor.${undo}` && !overtaken.has(call)) held.delete(call);
      if (given.type.endsWith(`.actor.${undo}`)) overtaken.delete(call);
    }
    running = new Set(Object.keys(state.children));
  }
  return held;
}

/** Where the path ends: what must be true there. */
function checkEnd({ state, steps }: Path): void {
  const held = computeHeld(steps);
  const told = steps.map(({ event }) => event.type).join(' ');
  if (state.matches('completed')) expect([...held], told).toEqual(['chargeCard', 'reserveStock']);
  if (state.matches('compensated')) expect([...held], told).toEqual([]);
  if (state.matches('resolved')) expect(told).toContain('RESOLVE');
  if (state.matches('needsAttention')) {
    expect(held.size > 0 || state.context.orderRefusal !== null, told).toBe(true);
  }
  // A reservation can turn up while the charge is being undone: it is released right after.
  if (state.matches({ undoing: 'voiding' }) && steps.at(-1)?.event.type !== 'effect.late') {
    const wasTried = state.context.inventory.undo.status === 'failed';
    expect(wasTried || !held.has('reserveStock'), told).toBe(true);
  }
  if (state.status === 'done') expect(state.output?.outcome).toBe(state.value);
}

it('takes every transition of the order saga', () => {
  const { orderId, currency, totalMinor, items } = orderInput;
  const input = { orderId, currency, totalMinor, items };
  const coverage = coverChart(orderSaga, {
    inputs: [input, { ...input, deadlineMs: 60_000 }, { ...input, onFailure: 'hold' }],
    events: possibleEvents,
    serialize,
    limit: 200_000,
  });
  console.log(coverage.line);
  expect(coverage.missing).toEqual([]);
});

describe.each(['compensate', 'hold'] as const)(
  'the paths of a saga that on failure will %s',
  (onFailure) => {
    const paths = walk(onFailure);

    it('end compensated only with nothing held, and completed only with all of it', () => {
      expect(paths.length).toBeGreaterThan(100);
      for (const path of paths) checkEnd(path);
    });

    it('reach every state', () => {
      const reached = new Set(paths.flatMap(({ state }) => state._nodes.map((node) => node.id)));
      const passedThrough = ['order-saga.undoing.choosing'];
      if (onFailure === 'compensate') passedThrough.unshift('order-saga.fulfilling.held');
      const all = getStateNodes(orderSaga).map((node) => node.id);
      expect(all.filter((id) => !reached.has(id))).toEqual(passedThrough);
    });

    it('never make two calls with different inputs under one key', () => {
      for (const { steps } of paths) {
        const inputs = new Map<string, string>();
        for (const { state } of steps) {
          const { payment, inventory } = state.context;
          const keys: Readonly<Record<string, string>> = {
            chargeCard: payment.key,
            reserveStock: inventory.key,
            voidCharge: payment.undo.key,
            releaseStock: inventory.undo.key,
          };
          for (const [id, key] of Object.entries(keys)) {
            const child: { getSnapshot(): object } | undefined = state.children[id];
            if (child === undefined) continue;
            const input = JSON.stringify(child.getSnapshot());
            expect(inputs.get(key) ?? input).toBe(input);
            inputs.set(key, input);
          }
        }
      }
    });

    it('leave a way to an end from every state', () => {
      const known = new Map(paths.map(({ state }) => [serialize(state), state]));
      const before = new Map<string, string[]>();
      for (const [from, state] of known) {
        for (const event of possibleEvents(state)) {
          const to = serialize(transition(orderSaga, state, event)[0]);
          before.set(to, [...(before.get(to) ?? []), from]);
        }
      }
      const live = new Set(
        [...known].filter(([, { status }]) => status === 'done').map(([id]) => id),
      );
      for (const id of live) for (const from of before.get(id) ?? []) live.add(from);
      expect([...known.keys()].filter((id) => !live.has(id))).toEqual([]);
    });

    it('would not pass if an undo call were left out', () => {
      const undone = paths.find(
        ({ state, steps }) =>
          state.matches('compensated') &&
          steps.some(({ event }) => String(event.type) === 'xstate.done.actor.voidCharge'),
      );
      const steps = undone?.steps.filter(({ event }) => !String(event.type).endsWith('voidCharge'));
      expect(() => undone && checkEnd({ ...undone, steps: steps ?? [] })).toThrow();
    });
  },
);
