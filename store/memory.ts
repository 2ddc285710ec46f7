// The Store by plain maps: for tests, examples and as the oracle that the SQLite store is compared
// with. Same answers and same refusals; nothing survives the process. Every query walks everything.

import { EngineError } from '../src/errors.ts';
import type { ActorId, IdempotencyKey, Position } from '../src/ids.ts';
import type * as port from '../src/store.ts';
import { checkLimit, MAX_SCAN } from './commit-check.ts';
import { type MemoryContents, memoryContents, pairKey } from './memory-contents.ts';
import { settled } from './settled.ts';
import { isInState } from './state-path.ts';
import { compareText } from './text-order.ts';

class MemoryStore implements port.Store {
  readonly #contents: MemoryContents;
  #state: 'new' | 'open' | 'closed' = 'new';

  constructor(contents: MemoryContents) {
    this.#contents = contents;
  }

  open(): Promise<void> {
    return settled(() => {
      if (this.#state !== 'new') {
        throw unusable(`a store is opened once, this one is ${this.#state}`);
      }
      if (this.#contents.held) {
        throw new EngineError(
          'STORE_LOCKED',
          `Expected to be the only engine on this memory, but this process with pid ${process.pid} has it open. Close that store first.`,
          { details: { pid: process.pid, path: ':memory:' } },
        );
      }
      this.#contents.held = true;
      this.#state = 'open';
    });
  }

  commit(commit: port.Commit): Promise<port.CommitResult> {
    return settled(() => {
      return this.#ready().apply(commit);
    });
  }

  load(ids: readonly ActorId[]): Promise<readonly port.ActorRecord[]> {
    return settled(() => {
      const { actors } = this.#ready();
      return present([...new Set(ids)].map((id) => actors.get(id)));
    });
  }

  findKeys(
    wanted: readonly { readonly actor: ActorId; readonly key: IdempotencyKey }[],
  ): Promise<readonly port.KeyedEntry[]> {
    return settled(() => {
      const { byKey } = this.#ready();
      const keys = new Map(wanted.map(({ actor, key }) => [pairKey(actor, key), { actor, key }]));
      return present(
        [...keys].map(([pair, { actor, key }]) => {
          const entry = byKey.get(pair);
          return entry && { actor, key, entry };
        }),
      );
    });
  }

  findTransactionResults(
    keys: readonly IdempotencyKey[],
  ): Promise<readonly port.TransactionResult[]> {
    return settled(() => {
      const { transactionResults } = this.#ready();
      return present([...new Set(keys)].map((key) => transactionResults.get(key)));
    });
  }

  findTombstones(ids: readonly ActorId[]): Promise<readonly port.Tombstone[]> {
    return settled(() => {
      const wanted = new Set(ids);
      return [...this.#ready().tombstones.values()]
        .filter(({ actor }) => wanted.has(actor))
        .sort((a, b) => compareText(a.actor, b.actor) || compareText(a.key ?? '', b.key ?? ''));
    });
  }

  due(query: Parameters<port.Store['due']>[0]): Promise<readonly port.Wake[]> {
    return settled(() => {
      const { before, after } = query;
      const limit = checkLimit(query.limit, MAX_SCAN);
      const waiting = this.#actors().flatMap(({ id, status, wakeAt }) =>
        status === 'active' && wakeAt !== null && wakeAt <= before ? [{ id, wakeAt }] : [],
      );
      return waiting
        .filter((wake) => after === undefined || compareWakes(wake, after) > 0)
        .sort(compareWakes)
        .slice(0, limit);
    });
  }

  running(query: Parameters<port.Store['running']>[0]): Promise<readonly ActorId[]> {
    return settled(() => {
      const limit = checkLimit(query.limit, MAX_SCAN);
      return this.#actors()
        .filter(({ running }) => running)
        .filter(({ id }) => query.after === undefined || compareText(id, query.after) > 0)
        .map(({ id }) => id)
        .slice(0, limit);
    });
  }

  journal(query: port.JournalQuery): Promise<readonly port.JournalEntry[]> {
    return settled(() => {
      const { after, actor, afterRevision, kinds } = query;
      const limit = checkLimit(query.limit);
      const found = this.#ready().journal.filter(
        (entry) =>
          (after === undefined || entry.position > after) &&
          (actor === undefined || entry.actor === actor) &&
          (afterRevision === undefined || entry.revision > afterRevision) &&
          (kinds === undefined || kinds.includes(entry.kind)),
      );
      const ordered = actor === undefined ? found : found.sort((a, b) => a.revision - b.revision);
      return ordered.slice(0, limit);
    });
  }

  list(query: port.ListQuery): Promise<readonly port.ActorRecord[]> {
    return settled(() => {
      const { machine, machineVersion, status, state, parent, root, after } = query;
      const limit = checkLimit(query.limit);
      return this.#actors()
        .filter(
          (record) =>
            (machine === undefined || record.machine === machine) &&
            (machineVersion === undefined || record.machineVersion === machineVersion) &&
            (status === undefined || record.status === status) &&
            (state === undefined || isInState(record.state, state)) &&
            (parent === undefined || record.parent === parent) &&
            (root === undefined || record.root === root) &&
            (after === undefined || compareText(record.id, after) > 0),
        )
        .slice(0, limit);
    });
  }

  groups(): Promise<readonly port.ActorGroup[]> {
    return settled(() => {
      const groups = new Map<string, port.ActorGroup>();
      for (const { machine, machineVersion, state, status } of this.#ready().actors.values()) {
        const group = { machine, machineVersion, state, status };
        groups.set(JSON.stringify(Object.values(group)), group);
      }
      return [...groups.values()].sort(
        (a, b) =>
          compareText(a.machine, b.machine) ||
          compareText(a.machineVersion, b.machineVersion) ||
          compareText(a.state, b.state) ||
          compareText(a.status, b.status),
      );
    });
  }

  inbox(query: Parameters<port.Store['inbox']>[0]): Promise<readonly port.StoredInboxMessage[]> {
    return settled(() => {
      const limit = checkLimit(query.limit, MAX_SCAN);
      return [...this.#ready().inbox.values()]
        .filter(({ id }) => id > (query.after ?? 0))
        .sort((a, b) => a.id - b.id)
        .slice(0, limit);
    });
  }

  deadLetters(query: port.DeadLetterQuery): Promise<readonly port.DeadLetterRecord[]> {
    return settled(() => {
      const { reason, actor, before, after } = query;
      const limit = checkLimit(query.limit);
      return [...this.#ready().deadLetters.values()]
        .filter(
          (letter) =>
            (reason === undefined || letter.reason === reason) &&
            (actor === undefined || letter.actor === actor) &&
            (before === undefined || letter.at < before) &&
            (after === undefined || letter.id > after),
        )
        .sort((a, b) => a.id - b.id)
        .slice(0, limit);
    });
  }

  deadLetter(id: number): Promise<port.DeadLetterRecord | undefined> {
    return settled(() => {
      return this.#ready().deadLetters.get(id);
    });
  }

  systemIds(root: ActorId): Promise<readonly port.SystemIdRecord[]> {
    return settled(() => {
      return [...this.#ready().systemIds.values()]
        .filter((record) => record.root === root)
        .sort((a, b) => compareText(a.systemId, b.systemId));
    });
  }

  machines(): Promise<readonly port.MachineRecord[]> {
    return settled(() => {
      return [...this.#ready().machines.values()].sort(
        (a, b) => compareText(a.machine, b.machine) || compareText(a.version, b.version),
      );
    });
  }

  checkpoint(projection: string): Promise<Position | undefined> {
    return settled(() => {
      return this.#ready().checkpoints.get(projection);
    });
  }

  health(): Promise<port.StoreHealth> {
    return settled(() => {
      const { actors, deadLetters, inbox } = this.#ready();
      const records = [...actors.values()];
      const reasons = [...deadLetters.values()].map(({ reason }) => reason).sort(compareText);
      const waking = records.filter(({ status, wakeAt }) => status === 'active' && wakeAt !== null);
      return {
        durability: 'memory',
        walBytes: 0,
        actors: records.length,
        parked: records.filter(({ status }) => status === 'parked').length,
        failed: records.filter(({ status }) => status === 'error').length,
        deadLetters: Object.fromEntries(
          [...new Set(reasons)].map((reason) => [
            reason,
            reasons.filter((other) => other === reason).length,
          ]),
        ),
        inbox: inbox.size,
        oldestWakeAt: waking.reduce<number | null>(
          (oldest, { wakeAt }) => (oldest === null || Number(wakeAt) < oldest ? wakeAt : oldest),
          null,
        ),
      };
    });
  }

  maintain(): Promise<void> {
    return settled(() => {
      this.#ready();
    });
  }

  backup(): Promise<never> {
    return settled(() => {
      this.#ready();
      throw new EngineError(
        'BAD_OPTION',
        'Expected a store that keeps files, got one in memory. Back up an engine on sqliteStore(path).',
      );
    });
  }

  close(): Promise<void> {
    return settled(() => {
      if (this.#state === 'open') {
        this.#contents.held = false;
      }
      this.#state = 'closed';
    });
  }

  /** In order of id. */
  #actors(): port.ActorRecord[] {
    return [...this.#ready().actors.values()].sort((a, b) => compareText(a.id, b.id));
  }

  #ready(): MemoryContents {
    if (this.#state !== 'open') {
      throw unusable(this.#state === 'new' ? 'it has not been opened' : 'it has been closed');
    }
    return this.#contents;
  }
}

function compareWakes(a: port.Wake, b: port.Wake): number {
  return a.wakeAt - b.wakeAt || compareText(a.id, b.id);
}

function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}

function unusable(why: string): EngineError {
  return new EngineError(
    'STORE_FAILED',
    `Expected the memory store to be open, but ${why}. Make and open a new one.`,
  );
}

/**
 * A store that keeps nothing beyond the process. With `contents`, a later store opened on the same
 * ones finds what this one has committed, as after a restart.
 */
export function memoryStore(contents: MemoryContents = memoryContents()): port.Store {
  return new MemoryStore(contents);
}
