// What must hold when faults have stopped and everything has come to rest: the books of the gateway agree
// with the sagas (invariants 1, 2, 5), every actor's journal folds to its state by plain XState where that is
// possible (7, 13), and nothing is left to be done (12). An empty list means that it all holds.

import { type OrderContext, orderMachine } from 'sagawright/machines';
import type { MemoryContents } from 'sagawright/store';
import { type AnyStateMachine, type EventObject, initialTransition, transition } from 'xstate';
import type { Gateway } from './gateway.ts';
import type { JournalWitness } from './journal-witness.ts';
import type { Ledger } from './ledger.ts';
import type { JobContext, TallyContext } from './machines.ts';

export interface FinalWorld {
  readonly contents: MemoryContents;
  readonly gateway: Gateway;
  readonly ledger: Ledger;
  readonly witness: JournalWitness;
  readonly tally: AnyStateMachine;
  /** Orders that were placed: each has its saga. */
  readonly orders: readonly { readonly orderId: string; readonly sagaId: string }[];
}

interface StoredState<Context> {
  readonly status: string;
  readonly value: unknown;
  readonly context: Context;
}

type Row = MemoryContents['actors'] extends Map<string, infer Value> ? Value : never;

function stateOf<Context>(row: Row): StoredState<Context> {
  return JSON.parse(row.snapshot) as StoredState<Context>;
}

function rowsOf({ contents }: FinalWorld, machine: string): readonly Row[] {
  return [...contents.actors.values()].filter((row) => row.machine === machine);
}

/** What still has to happen before a run can end; empty once it is at rest. */
export function listUnfinished(contents: MemoryContents): readonly string[] {
  const left: string[] = [];
  for (const { id, machine, status, state, pending, running, wakeAt } of contents.actors.values()) {
    const isOpen = status === 'active' && (machine === 'job' || machine.endsWith('saga'));
    if (isOpen || status === 'error' || status === 'parked')
      left.push(`${id} is ${status} in ${state}`);
    if (pending !== '{}' || running || wakeAt !== null) left.push(`${id} is left with ${pending}`);
  }
  for (const { target, data } of contents.inbox.values())
    left.push(`${target} has waiting ${data}`);
  for (const { reason, actor, type } of contents.deadLetters.values()) {
    left.push(`${actor} has a dead letter ${reason} of ${type}`);
  }
  return left;
}

export function checkFinalState(world: FinalWorld): readonly string[] {
  return [
    ...world.orders.flatMap((order) => checkOrder(world, order)),
    ...checkUndos(world),
    ...checkFolds(world),
    ...checkJobs(world),
    ...checkTallies(world),
  ];
}

/** Invariants 1, 2 and 5: what an order holds is what its end says. */
function checkOrder(
  { contents, gateway }: FinalWorld,
  { orderId, sagaId }: FinalWorld['orders'][number],
): readonly string[] {
  const rows = [...contents.actors.values()];
  const order = rows.find(({ id }) => id === orderId);
  const saga = rows.find(({ id }) => id === sagaId);
  if (order === undefined || saga === undefined) return [`12: ${orderId} was not started`];
  const { totalMinor, refundedMinor, items } = stateOf<OrderContext>(order).context;
  const isConfirmed = order.state === 'CONFIRMED';
  const says = (invariant: number, text: string): string =>
    `${invariant}: ${orderId} (${order.state}, saga ${saga.state}) ${text}`;
  const wrong: string[] = [];
  if (isConfirmed !== (saga.state === 'completed')) wrong.push(says(3, 'and its saga disagree'));
  const held = gateway.heldMinor(orderId);
  const due = isConfirmed ? totalMinor - refundedMinor : 0;
  if (held !== due) wrong.push(says(isConfirmed ? 1 : 2, `holds ${held}, expected ${due}`));
  const kept = gateway.keptReservations(orderId);
  if (kept.length !== (isConfirmed ? 1 : 0))
    wrong.push(says(5, `keeps ${kept.length} reservations`));
  if (isConfirmed && JSON.stringify(kept[0]?.items) !== JSON.stringify(items)) {
    wrong.push(says(5, 'keeps other goods than it has sold'));
  }
  return wrong;
}

/** Invariant 5: undone once, unless it succeeded after its undo or the undo was refused; never for nothing. */
function checkUndos({ gateway, contents }: FinalWorld): readonly string[] {
  const wrong: string[] = [];
  for (const [key, undos] of Map.groupBy(gateway.undos, ({ forwardKey }) => forwardKey)) {
    const saga = key.slice(0, key.indexOf(':'));
    const entries = contents.journal.filter(({ actor }) => actor === saga);
    const told = entries.map(({ type, data }) => ({
      type,
      event: JSON.parse(data) as {
        key?: string;
        outcome?: string;
        error?: { key?: string; outcome?: string };
      },
    }));
    const overtaken = told.filter(
      ({ type, event }) => type === 'effect.late' && event.key === key && event.outcome === 'done',
    ).length;
    const refused = undos.filter(({ verdict }) => verdict.type === 'rejected').length;
    if (undos.length > 1 + overtaken + refused) {
      wrong.push(`5: ${key} was undone ${undos.length} times`);
    }
    const wasRejected = told.some(
      ({ type, event }) =>
        type.startsWith('xstate.error') &&
        event.error?.key === key &&
        event.error.outcome === 'rejected',
    );
    if (wasRejected) wrong.push(`5: ${key} was rejected, and undone`);
  }
  return wrong;
}

/** Invariants 7 and 13: machines without children, run by XState itself over what they have received. */
function checkFolds(world: FinalWorld): readonly string[] {
  const machines: readonly (readonly [string, AnyStateMachine])[] = [
    ['order', orderMachine],
    ['tally', world.tally],
  ];
  return machines.flatMap(([name, machine]) =>
    rowsOf(world, name).flatMap((row) => {
      const entries = world.contents.journal.filter(({ actor }) => actor === row.id);
      const input: unknown = JSON.parse(entries[0]?.data ?? 'null');
      let [snapshot] = initialTransition(machine, input as never);
      for (const { kind, data } of entries) {
        if (kind !== 'received') continue;
        [snapshot] = transition(machine, snapshot, JSON.parse(data) as EventObject);
      }
      const { value, context } = stateOf(row);
      const folded = { value: snapshot.value, context: snapshot.context };
      const isSame = canonical(folded) === canonical({ value, context });
      return isSame ? [] : [`7: ${row.id} is not what its journal folds to`];
    }),
  );
}

/** Independent of the order of members. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/** What a job says of itself is what its services know. */
function checkJobs(world: FinalWorld): readonly string[] {
  const { ledger, witness, contents } = world;
  return rowsOf(world, 'job').flatMap((row) => {
    const { context } = stateOf<JobContext>(row);
    const delivered = ledger.entries.get(`${row.id}:deliver`)?.verdict.type === 'done';
    const wrong: string[] = [];
    if (row.state === 'delivered' && !delivered) wrong.push(`13: ${row.id} was never delivered`);
    if (row.state === 'delivered' && !witness.hasActions(row.id)) {
      wrong.push(`13: ${row.id} has never rung`);
    }
    const reports = contents.journal.filter(
      ({ actor, type, data }) =>
        actor === context.tally && type === 'ADD' && data.includes(`"${row.id}"`),
    ).length;
    if (reports !== (context.isTold ? 1 : 0)) {
      wrong.push(`10: ${row.id} has told its tally ${reports} times, and says ${context.isTold}`);
    }
    return wrong;
  });
}

function checkTallies(world: FinalWorld): readonly string[] {
  const { contents } = world;
  return rowsOf(world, 'tally').flatMap((row) => {
    const { context } = stateOf<TallyContext>(row);
    const wrong: string[] = [];
    if (new Set(context.seen).size !== context.seen.length)
      wrong.push(`10: ${row.id} saw one twice`);
    const own = contents.journal.filter(({ actor }) => actor === row.id);
    const emitted = own.filter(({ type }) => type === 'tally.added').length;
    const added = own.filter(({ type }) => type === 'ADD').length;
    if (emitted !== added) wrong.push(`9: ${row.id} told of ${emitted} of ${added} additions`);
    return wrong;
  });
}
