// What happened, as people read it: from the journal of the engine, which has every fact and every step
// of the saga with its time and its cause. Only reads.

import type { Engine, HistoryEntry } from 'sagawright';
import { effectError } from 'sagawright';
import type { Table } from '../table.ts';
import { SAGA_ID } from './basket.ts';

/** The order's life, line by line, from the start of a saga on. */
export async function readTimeline(engine: Engine, sagaId: string = SAGA_ID): Promise<Table> {
  const rows: (readonly [string, string, string])[] = [];
  let startedAt: number | null = null;
  let last = '';
  for await (const entry of engine.events()) {
    const isSaga = entry.actor.startsWith(sagaId);
    const what = describe(entry, isSaga);
    const state = isSaga ? leavesOf(entry.value) : '';
    if (entry.actor === sagaId) startedAt ??= entry.at;
    const moved = isSaga && state !== '' && state !== last ? `→ ${state}` : '';
    if (isSaga && state !== '') last = state;
    const text = [what, moved].filter((part) => part !== '').join('  ');
    if (startedAt === null || text === '') continue;
    rows.push([String(entry.at - startedAt), entry.actor, text]);
  }
  return {
    columns: [{ title: 'ms', format: 'count' }, { title: 'actor' }, { title: 'what happened' }],
    rows,
  };
}

/** Facts in the words of the trade; of the saga, what was heard of its calls. */
function describe({ kind, type, data }: HistoryEntry, isSaga: boolean): string {
  if (kind === 'emitted') return type === 'order.statusUpdated' ? '' : factOf(type, data);
  if (kind !== 'received' || !isSaga) return '';
  const failed = /^xstate\.error\.actor\.(.+)$/.exec(type);
  if (failed === null) return type === 'CANCEL' ? 'CANCEL' : '';
  const { code, outcome } = effectError((data as { readonly error?: unknown }).error);
  return `${failed[1]} failed: ${code} (${outcome})`;
}

/** A fact with what tells it from others of its kind. */
function factOf(type: string, data: unknown): string {
  const { reason, trackingNumber, quantity, kind } = data as Readonly<Record<string, unknown>>;
  const details = [reason, trackingNumber, quantity, kind].filter((value) => value !== undefined);
  const [, name = type] = type.split('.');
  const words = name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return details.length === 0 ? words : `${words}: ${details.join(', ')}`;
}

/** `{ fulfilling: 'SHIPPED' }` as `SHIPPED`, `{ compensating: 'payment' }` as `undoing payment`. */
function leavesOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, below]) => (name === 'compensating' ? 'undoing ' : '') + leavesOf(below))
    .join(' + ');
}
