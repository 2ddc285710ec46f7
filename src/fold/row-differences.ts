// Where a stored row and the folded state of its actor differ, by path. Compared is what a step or a
// reader can see; what no journal entry tells (attempts of effects, actions that are done) is not. Pure.

import { canonical } from '../codec.ts';
import { writeActor } from '../state/actor-row.ts';
import { type ActorState, wakeAt } from '../state/actor-state.ts';
import { statePaths } from '../step/xstate.ts';
import type { ActorRecord } from '../store.ts';

export interface Difference {
  /** `context.total`, `timers.reminder.dueAt`; a column of the row for what is derived from them. */
  readonly path: string;
  /** Undefined where there is nothing. */
  readonly stored: unknown;
  readonly folded: unknown;
}

/** Differences told of one actor: the first ones are enough to see what is wrong. */
const TOLD = 10;

/** @param stored the actor as its record reads */
export function rowDifferences(
  record: ActorRecord,
  stored: ActorState,
  folded: ActorState,
): readonly Difference[] {
  const differences: Difference[] = [];
  compare(comparable(stored), comparable(folded), '', differences);
  compareColumns(record, stored, differences);
  return differences.slice(0, TOLD);
}

/** Values as JSON gives them back, so that what was never stored does not count. */
function comparable(state: ActorState): unknown {
  const { logic, status, incarnation, generation, inputHash, children, timers, armed, error } =
    state;
  const { value, context, output } = state.stored;
  const history = sorted(state.stored.history);
  const effects = Object.values(state.effects).map(
    ({ id, kind, src, key, input, generation: of }) => [
      id,
      { kind, src, key, input, generation: of },
    ],
  );
  return JSON.parse(
    JSON.stringify({
      machine: logic.name,
      machineVersion: logic.version,
      ...{ status, value, context, history, output, error, incarnation, generation, inputHash },
      ...{ children, timers, armed },
      effects: Object.fromEntries(effects),
    }),
  );
}

/** History is a set of states to XState: their order depends on whether the actor was read again since. */
function sorted(history: ActorState['stored']['history'] = {}): object {
  return Object.fromEntries(
    Object.entries(history).map(([id, nodes]) => [id, [...nodes].sort()] as const),
  );
}

/** Columns that are there to be looked up repeat what the row holds, or the actor is not found. */
function compareColumns(record: ActorRecord, stored: ActorState, into: Difference[]): void {
  const columns = {
    status: stored.status,
    state: statePaths(stored.stored.value).join(' '),
    wakeAt: stored.status === 'active' ? wakeAt(stored) : null,
    running: writeActor(stored, UNBOUNDED).running,
  };
  for (const [name, folded] of Object.entries(columns)) {
    const found = record[name as keyof typeof columns];
    if (found !== folded) into.push({ path: `column ${name}`, stored: found, folded });
  }
}

const UNBOUNDED = { depth: Infinity, length: Infinity };

function compare(stored: unknown, folded: unknown, path: string, into: Difference[]): void {
  if (into.length >= TOLD || canonical({ value: stored }) === canonical({ value: folded })) return;
  if (isBranch(stored) && isBranch(folded) && Array.isArray(stored) === Array.isArray(folded)) {
    for (const name of new Set([...Object.keys(stored), ...Object.keys(folded)])) {
      compare(stored[name], folded[name], path === '' ? name : `${path}.${name}`, into);
    }
    return;
  }
  into.push({ path, stored, folded });
}

function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
