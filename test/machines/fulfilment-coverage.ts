// What can happen to a built saga's machine, for a walk over its chart: each call done, refused or in
// doubt, news of stopped ones, timers, and people. Tells snapshots apart by what the chart decides on.

import type { SagaContext, SagaRecord } from 'sagawright';
import type { AnyMachineSnapshot, AnyStateMachine, EventFrom, SnapshotFrom } from 'xstate';
import { type ChartCoverage, coverChart } from '../support/chart-coverage.ts';
import { createError } from './order-world.ts';

interface Event {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** What the calls of a machine bring; null where it does not matter. */
export type Outputs = Readonly<Record<string, unknown>>;

const PEOPLE: readonly Event[] = [
  { type: 'CANCEL' },
  { type: 'RETRY' },
  { type: 'COMPENSATE' },
  { type: 'RESOLVE', by: 'ana', why: 'paid by cheque' },
  { type: 'saga.deadline' },
];

/** Ends of calls, and of sagas below, which end in their own ways. */
function endings(id: string, output: unknown, isSaga: boolean): readonly Event[] {
  const done = (brought: unknown): Event => ({
    type: `xstate.done.actor.${id}`,
    output: brought,
    actorId: id,
  });
  const failed = (outcome: 'rejected' | 'unknown'): Event => ({
    type: `xstate.error.actor.${id}`,
    error: createError(outcome, 'SAMPLE'),
    actorId: id,
  });
  const failures = [failed('rejected'), failed('unknown')];
  if (!isSaga) return [done(output), ...failures];
  const failure = { step: 'below', code: 'SAMPLE', message: 'sample' };
  const below = { results: {}, failure: null, ignored: [], resolution: null, record: null };
  return [
    ...failures,
    done({ ...below, status: 'completed' }),
    done({ ...below, status: 'compensated' }),
    done({ ...below, status: 'compensated', failure }),
    done({ ...below, status: 'resolved', failure, resolution: { by: 'ana', why: 'seen' } }),
  ];
}

function news({ steps }: SagaContext): readonly Event[] {
  return Object.entries(steps).flatMap(([id, { key, isSettled, undo }]) => {
    const late = { type: 'effect.late', id, src: id };
    const step = isSettled ? [] : [{ ...late, key, outcome: 'done', output: null }];
    const again = undo.status === 'failed' ? [{ ...late, key: undo.key, outcome: 'done' }] : [];
    return [...step, ...again];
  });
}

function tellApart({ value, context, status }: AnyMachineSnapshot): string {
  const { steps, failure, resolution, isUndo } = context as SagaContext;
  const known = Object.entries(steps).map(([name, { outcome, isSettled, undo }]) => [
    name,
    outcome,
    isSettled,
    undo.status,
    undo.isOvertaken,
  ]);
  const { step } = failure ?? { step: null };
  return JSON.stringify([value, status, known, step, resolution !== null, isUndo]);
}

const NOTHING: SagaRecord = { input: {}, steps: {}, inputs: {}, order: [] };

/** Walks a built saga from an input, and from the order to undo a run that has done nothing. */
export function coverSaga<M extends AnyStateMachine>(
  machine: M,
  input: object,
  outputs: Outputs,
  unreachable: Readonly<Record<string, string>>,
): ChartCoverage {
  const events = (snapshot: SnapshotFrom<M>): readonly EventFrom<M>[] => {
    const { children, context } = snapshot as AnyMachineSnapshot;
    const ends = Object.keys(children).flatMap((id) => {
      const isSaga = /^(preparation|delivery|inspection)/.test(id);
      return endings(id, outputs[id] ?? null, isSaga);
    });
    const timers = ['stopWait', 'settleWait'].flatMap((delay) =>
      ['stopping', 'settling'].map((state) => ({
        type: `xstate.after.${delay}.${machine.id}.${state}`,
      })),
    );
    return [...ends, ...news(context), ...timers, ...PEOPLE] as EventFrom<M>[];
  };
  const serialize = (snapshot: SnapshotFrom<M>) => tellApart(snapshot as AnyMachineSnapshot);
  const inputs = [input, { '~undoes': NOTHING }] as never;
  return coverChart(machine, { inputs, events, serialize, unreachable, limit: 60_000 });
}
