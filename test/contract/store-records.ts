// Plain records for tests of stores: every field has a value, a test names only those it is about.

import { actorAddress, idempotencyKey } from '../../src/ids.ts';
import type {
  ActorRecord,
  ActorWrite,
  Commit,
  DeadLetterRecord,
  JournalEntry,
  MachineRecord,
  NewDeadLetter,
  NewJournalEntry,
  Store,
  StoredInboxMessage,
  StoreHealth,
  SystemIdRecord,
  Tombstone,
  TransactionResult,
} from '../../src/store.ts';

/** A new store, open and empty. */
export type OpenStore = () => Promise<Store>;

export const id: typeof actorAddress = actorAddress;
export const key: typeof idempotencyKey = idempotencyKey;

export function entry(
  actor: string,
  revision: number,
  changes: Partial<NewJournalEntry> = {},
): NewJournalEntry {
  return {
    actor: id(actor),
    revision,
    kind: 'received',
    type: 'order.pay',
    data: '{"amountMinor":1}',
    state: '"PENDING"',
    at: 1_700_000_000_000,
    key: null,
    correlation: null,
    causation: null,
    ...changes,
  };
}

/** A root, or a child of what comes before the last slash. */
export function actor(address: string, changes: Partial<ActorRecord> = {}): ActorRecord {
  const slash = address.lastIndexOf('/');
  return {
    id: id(address),
    root: id(address.split('/')[0] ?? address),
    parent: slash < 0 ? null : id(address.slice(0, slash)),
    machine: 'order',
    machineVersion: '1',
    revision: 1,
    incarnation: 1,
    status: 'active',
    state: 'PENDING',
    snapshot: '{"value":"PENDING"}',
    pending: '{}',
    running: false,
    wakeAt: null,
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    ...changes,
  };
}

/** A new actor with that row. */
export function created(address: string, changes: Partial<ActorRecord> = {}): ActorWrite {
  return { record: actor(address, changes), previousRevision: 0 };
}

export function letter(changes: Partial<NewDeadLetter> = {}): NewDeadLetter {
  return {
    reason: 'STEP_FAILED',
    actor: id('order-1'),
    type: 'order.pay',
    data: '{}',
    error: '{"name":"Error"}',
    at: 1_700_000_000_000,
    revision: 1,
    ...changes,
  };
}

export function commit(changes: Partial<Commit> = {}): Commit {
  return { journal: [], actors: [], ...changes };
}

/** Everything that the port lets one see. */
export interface StoreContents {
  readonly actors: readonly ActorRecord[];
  readonly journal: readonly JournalEntry[];
  readonly inbox: readonly StoredInboxMessage[];
  readonly deadLetters: readonly DeadLetterRecord[];
  readonly machines: readonly MachineRecord[];
  readonly systemIds: readonly SystemIdRecord[];
  readonly transactionResults: readonly TransactionResult[];
  readonly tombstones: readonly Tombstone[];
  readonly checkpoints: readonly unknown[];
  readonly health: Omit<StoreHealth, 'durability' | 'walBytes'>;
}

/** Reads everything, as far as one page goes; roots, tombstones and projections are asked by name. */
export async function readContents(
  store: Store,
  names: {
    readonly ids?: readonly string[];
    readonly projections?: readonly string[];
    readonly transactions?: readonly string[];
  } = {},
): Promise<StoreContents> {
  const ids = (names.ids ?? []).map(id);
  const { durability: _, walBytes: __, ...health } = await store.health();
  return {
    actors: await store.list({ limit: 1_000 }),
    journal: await store.journal({ limit: 1_000 }),
    inbox: await store.inbox({ limit: 1_000 }),
    deadLetters: await store.deadLetters({ limit: 1_000 }),
    machines: await store.machines(),
    systemIds: (await Promise.all(ids.map((root) => store.systemIds(root)))).flat(),
    transactionResults: await store.findTransactionResults((names.transactions ?? []).map(key)),
    tombstones: await store.findTombstones(ids),
    checkpoints: await Promise.all((names.projections ?? []).map((name) => store.checkpoint(name))),
    health,
  };
}
