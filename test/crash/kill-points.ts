// The engine's public ports, wrapped so that its process can die at a named point: around a commit of the
// store, around a call of a handler. Also watches that no call is made before its effect is on disk.

import { setImmediate } from 'node:timers/promises';
import type { Handler, HandlerArgs, Store } from 'sagawright';
import type { AnyCall } from './gateway-calls.ts';
import type { KillPlan } from './host-protocol.ts';

type Commit = Parameters<Store['commit']>[0];
type ActorRecord = Commit['actors'][number]['record'];

export interface KillPointOptions {
  readonly plan: KillPlan | null;
  /** Resolves when everything that was answered has been sent. */
  readonly acksSent: () => Promise<void>;
  readonly violation: (text: string) => void;
}

export class KillPoints {
  readonly #options: KillPointOptions;
  #passed = 0;
  /** Attempts that this process knows to be on disk. */
  readonly #committed: Set<string> = new Set();

  constructor(options: KillPointOptions) {
    this.#options = options;
  }

  store(inner: Store): Store {
    return {
      open: () => inner.open(),
      load: (ids) => inner.load(ids),
      findKeys: (wanted) => inner.findKeys(wanted),
      findTransactionResults: (keys) => inner.findTransactionResults(keys),
      findTombstones: (ids) => inner.findTombstones(ids),
      commit: async (commit) => {
        const types = commit.journal.map(({ type }) => type);
        await this.#reach('before-commit', types);
        const result = await inner.commit(commit);
        for (const { record } of commit.actors) this.#note(record);
        await this.#reach('after-commit', types);
        return result;
      },
      due: (query) => inner.due(query),
      running: (query) => inner.running(query),
      journal: (query) => inner.journal(query),
      list: (query) => inner.list(query),
      groups: () => inner.groups(),
      inbox: (query) => inner.inbox(query),
      deadLetters: (query) => inner.deadLetters(query),
      deadLetter: (id) => inner.deadLetter(id),
      systemIds: (root) => inner.systemIds(root),
      machines: () => inner.machines(),
      checkpoint: (projection) => inner.checkpoint(projection),
      health: () => inner.health(),
      maintain: () => inner.maintain(),
      backup: (path, onProgress) => inner.backup(path, onProgress),
      close: () => inner.close(),
    };
  }

  handlers(store: Store, calls: Readonly<Record<string, AnyCall>>): Record<string, AnyCall> {
    const wrap = (name: string, call: AnyCall): AnyCall => {
      const run = call as Handler<unknown, unknown>;
      return async (args: HandlerArgs<unknown>) => {
        await this.#checkCommitted(store, args);
        await this.#reach('before-call', [name]);
        try {
          return await run(args);
        } finally {
          await this.#reach('after-call', [name]);
        }
      };
    };
    return Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [name, wrap(name, call)]),
    );
  }

  async #reach(point: KillPlan['point'], names: readonly string[]): Promise<void> {
    const { plan, acksSent } = this.#options;
    if (plan?.point !== point) return;
    if (plan.match !== undefined && !names.includes(plan.match)) return;
    this.#passed += 1;
    if (this.#passed !== plan.count) return;
    if (plan.afterAcks) await acksSent();
    // Time for what must not happen yet: an answer, or a call, ahead of its commit.
    if (point === 'before-commit') await turnOfEvents(20);
    process.kill(process.pid, 'SIGKILL');
  }

  #note(record: ActorRecord): void {
    for (const attempt of attemptsOf(record)) this.#committed.add(attempt);
  }

  /** Invariant: a call that happens was committed before, with its attempt's number. */
  async #checkCommitted(
    store: Store,
    { actorId, key, attempt }: HandlerArgs<unknown>,
  ): Promise<void> {
    const name = attemptName(key, attempt);
    if (this.#committed.has(name)) return;
    // Committed by a process before this one, to be run at a later time.
    const [record] = await store.load([actorId]);
    if (record !== undefined && attemptsOf(record).includes(name)) return;
    this.#options.violation(`attempt ${attempt} of ${key} is called but not on disk`);
  }
}

/** Lets the event loop go round: what is ready to be sent is sent. */
async function turnOfEvents(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) await setImmediate();
}

function attemptsOf({ pending }: ActorRecord): readonly string[] {
  const { effects = {} } = JSON.parse(pending) as {
    readonly effects?: Readonly<Record<string, { readonly key: string; readonly attempt: number }>>;
  };
  return Object.values(effects).map(({ key, attempt }) => attemptName(key, attempt));
}

function attemptName(key: string, attempt: number): string {
  return `${key}#${attempt}`;
}
