// What a memory store keeps, and how a commit changes it: the same rules as the SQL tables, by plain
// maps. Every change notes how to undo it, so a refusal in the middle leaves nothing, counters
// included. Apart from the store, so that one can close and another open on the same contents.

import type { ActorId, Position } from '../src/ids.ts';
import { position } from '../src/ids.ts';
import type {
  ActorRecord,
  ActorWrite,
  Commit,
  CommitResult,
  DeadLetterRecord,
  JournalEntry,
  MachineRecord,
  NewJournalEntry,
  StoredInboxMessage,
  SystemIdRecord,
  Tombstone,
  TransactionResult,
} from '../src/store.ts';
import { checkCommit, refused, refusedRevision } from './commit-check.ts';

/** One text for a pair; ids hold no control characters. */
export function pairKey(first: string, second: string | number): string {
  return `${first}\u0000${second}`;
}

/** Made by `memoryContents()`; what is in it belongs to the memory store. */
export class MemoryContents {
  /** Whether a store has it open. */
  held = false;
  readonly journal: JournalEntry[] = [];
  readonly byRevision: Map<string, JournalEntry> = new Map();
  readonly byKey: Map<string, JournalEntry> = new Map();
  readonly actors: Map<ActorId, ActorRecord> = new Map();
  readonly inbox: Map<number, StoredInboxMessage> = new Map();
  readonly deadLetters: Map<number, DeadLetterRecord> = new Map();
  readonly systemIds: Map<string, SystemIdRecord> = new Map();
  readonly machines: Map<string, MachineRecord> = new Map();
  readonly transactionResults: Map<string, TransactionResult> = new Map();
  readonly tombstones: Map<string, Tombstone> = new Map();
  readonly checkpoints: Map<string, Position> = new Map();
  lastInboxId = 0;
  lastDeadLetterId = 0;

  /** @throws EngineError `STORE_REFUSED`, with everything as it was */
  apply(commit: Commit): CommitResult {
    checkCommit(commit);
    const change = new Change(this);
    try {
      return change.apply(commit);
    } catch (error) {
      change.undo();
      throw error;
    }
  }
}

class Change {
  readonly #contents: MemoryContents;
  readonly #undo: (() => void)[] = [];

  constructor(contents: MemoryContents) {
    this.#contents = contents;
  }

  undo(): void {
    for (const step of this.#undo.reverse()) {
      step();
    }
  }

  apply(commit: Commit): CommitResult {
    const contents = this.#contents;
    const positions = commit.journal.map((entry) => this.#addEntry(entry));
    for (const write of commit.actors) {
      this.#writeActor(write);
    }
    const inboxIds = (commit.inboxAdded ?? []).map(({ target, data }) => {
      const id = this.#nextId('lastInboxId');
      this.#put(contents.inbox, id, { id, target, data });
      return id;
    });
    for (const id of commit.inboxRemoved ?? []) {
      this.#remove(contents.inbox, id, 'inbox message');
    }
    const deadLetterIds = (commit.deadLettersAdded ?? []).map((letter) => {
      const id = this.#nextId('lastDeadLetterId');
      this.#put(contents.deadLetters, id, { ...letter, id, replays: 0 });
      return id;
    });
    for (const id of commit.deadLettersRemoved ?? []) {
      this.#remove(contents.deadLetters, id, 'dead letter');
    }
    for (const id of commit.deadLettersReplayed ?? []) {
      const letter = existing(contents.deadLetters.get(id), 'dead letter', id);
      this.#put(contents.deadLetters, id, { ...letter, replays: letter.replays + 1 });
    }
    this.#changeSystemIds(commit);
    for (const result of commit.transactionResults ?? []) {
      if (contents.transactionResults.has(result.key)) {
        throw refused('one result for each transaction key', 'a second one', { key: result.key });
      }
      this.#put(contents.transactionResults, result.key, { ...result });
    }
    for (const machine of commit.machines ?? []) {
      this.#put(contents.machines, pairKey(machine.machine, machine.version), { ...machine });
    }
    for (const tombstone of commit.tombstones ?? []) {
      const key = pairKey(tombstone.actor, tombstone.key ?? '');
      this.#put(contents.tombstones, key, { ...tombstone });
    }
    for (const checkpoint of commit.checkpoints ?? []) {
      this.#put(contents.checkpoints, checkpoint.projection, checkpoint.position);
    }
    return { positions, inboxIds, deadLetterIds };
  }

  #addEntry(entry: NewJournalEntry): Position {
    const { journal, byRevision, byKey } = this.#contents;
    const stored: JournalEntry = {
      ...entry,
      position: position((journal.at(-1)?.position ?? 0) + 1),
    };
    const revision = pairKey(entry.actor, entry.revision);
    if (byRevision.has(revision)) {
      throw refused('one journal entry for each revision', 'a second one', {
        actor: entry.actor,
        revision: entry.revision,
      });
    }
    this.#put(byRevision, revision, stored);
    if (entry.key !== null) {
      const key = pairKey(entry.actor, entry.key);
      if (byKey.has(key)) {
        throw refused('one journal entry for each key', 'a second one', {
          actor: entry.actor,
          key: entry.key,
        });
      }
      this.#put(byKey, key, stored);
    }
    journal.push(stored);
    this.#undo.push(() => journal.pop());
    return stored.position;
  }

  #writeActor({ record, previousRevision }: ActorWrite): void {
    const { actors } = this.#contents;
    const stored = actors.get(record.id);
    const matches =
      stored === undefined
        ? previousRevision === 0
        : stored.revision === previousRevision &&
          stored.root === record.root &&
          stored.parent === record.parent;
    if (!matches) {
      throw refusedRevision(record, previousRevision);
    }
    this.#put(actors, record.id, { ...record });
  }

  #changeSystemIds(commit: Commit): void {
    const { systemIds } = this.#contents;
    for (const { root, systemId } of commit.systemIdsRemoved ?? []) {
      const key = pairKey(root, systemId);
      if (systemIds.has(key)) {
        this.#remove(systemIds, key, 'system id');
      }
    }
    for (const record of commit.systemIdsAdded ?? []) {
      const key = pairKey(record.root, record.systemId);
      if (systemIds.has(key)) {
        throw refused(`system id ${record.systemId} to be free`, 'one in use', {
          root: record.root,
          systemId: record.systemId,
        });
      }
      this.#put(systemIds, key, { ...record });
    }
  }

  #nextId(counter: 'lastInboxId' | 'lastDeadLetterId'): number {
    const contents = this.#contents;
    contents[counter] += 1;
    this.#undo.push(() => {
      contents[counter] -= 1;
    });
    return contents[counter];
  }

  #put<K, V>(map: Map<K, V>, key: K, value: V): void {
    const before = map.get(key);
    map.set(key, value);
    this.#undo.push(() => {
      if (before === undefined) {
        map.delete(key);
      } else {
        map.set(key, before);
      }
    });
  }

  #remove<K, V>(map: Map<K, V>, key: K, what: string): void {
    const before = existing(map.get(key), what, key);
    map.delete(key);
    this.#undo.push(() => map.set(key, before));
  }
}

function existing<V>(value: V | undefined, what: string, id: unknown): V {
  if (value === undefined) {
    throw refused(`${what} ${String(id)} to exist`, 'none', { id });
  }
  return value;
}

/** Contents for {@link memoryStore} that outlive the store: close one, open the next. */
export function memoryContents(): MemoryContents {
  return new MemoryContents();
}
