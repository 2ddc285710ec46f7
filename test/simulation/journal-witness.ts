// Watches every commit of a simulated run at the moment it is durable: revisions, keys, outcomes, timers and
// ends (invariants 9, 10, 11, 14). It compares what is written with what was written before, and shares no
// code with the engine.

import type { Commit } from './disk.ts';
import type { FaultCounts } from './faults.ts';
import type { Schedule, SimulatedProcess } from './schedule.ts';

type Entry = Commit['journal'][number];
type Row = Commit['actors'][number]['record'];

interface StoredTimer {
  readonly id: string;
  readonly generation: number;
  readonly dueAt: number;
}
export interface StoredEffect {
  readonly id: string;
  readonly kind: 'effect' | 'action';
  readonly key: string;
  readonly generation: number;
  readonly attempt: number;
  readonly retryAt: number | null;
  readonly cuts: number;
}
interface Pending {
  readonly timers?: Readonly<Record<string, StoredTimer>>;
  readonly effects?: Readonly<Record<string, StoredEffect>>;
}

interface LetterMessage {
  readonly target: string;
  readonly key?: string | null;
  readonly outcome?: { readonly type: string };
}

const OUTCOME = /^xstate\.(?:done|error)\.actor\.(.+)$/;
const NOTHING: Pending = {};

/** One timer, as it was armed. */
interface Armed {
  readonly dueAt: number;
  readonly process: SimulatedProcess;
  hasFired: boolean;
  /** Its actor has failed on it: whoever delivers it again need not wait. */
  wasDue: boolean;
}

export class JournalWitness {
  readonly violations: string[] = [];
  readonly #schedule: Schedule;
  readonly #counts: FaultCounts;
  readonly #rows: Map<string, Row> = new Map();
  readonly #pending: Map<string, Pending> = new Map();
  readonly #keys: Set<string> = new Set();
  readonly #nonces: Map<string, number> = new Map();
  readonly #failedMs: Map<string, number> = new Map();
  readonly #armed: Map<string, Armed> = new Map();
  /** Highest attempt that was committed for each effect key of each actor. */
  readonly #attempts: Map<string, number> = new Map();
  /** Keys with an effect's success on record, as its outcome or as a late one. */
  readonly #successes: Set<string> = new Set();

  constructor(schedule: Schedule, counts: FaultCounts) {
    this.#schedule = schedule;
    this.#counts = counts;
  }

  /** How often a message with this mark is in the journal. */
  times(nonce: string): number {
    return this.#nonces.get(nonce) ?? 0;
  }

  /** Highest attempt committed under a key; 0 when there was none. */
  attemptOf(actor: string, key: string): number {
    return this.#attempts.get(`${actor}\n${key}`) ?? 0;
  }

  knowsSuccess(actor: string, key: string): boolean {
    return this.#successes.has(`${actor}\n${key}`);
  }

  /** Whether the actor has failed since then, or had failed by then. */
  hasFailed(actor: string, sinceMs: number): boolean {
    const isFailed = this.#rows.get(actor)?.status === 'error';
    return isFailed || (this.#failedMs.get(actor) ?? -1) >= sinceMs;
  }

  hasActions(actor: string): boolean {
    return this.#attempts.has(`${actor}\naction`);
  }

  committed(commit: Commit, process: SimulatedProcess): void {
    for (const [actor, entries] of Map.groupBy(commit.journal, (entry) => entry.actor)) {
      this.#checkEntries(actor, entries, process);
    }
    this.#counts.count('message through the inbox', commit.inboxRemoved?.length ?? 0);
    for (const { reason, data } of commit.deadLettersAdded ?? []) {
      this.#noteLetter(data);
      if (reason === 'STEP_FAILED') this.#counts.count('step threw');
      if (reason === 'LATE_SUCCESS') this.#counts.count('late success kept');
    }
    for (const { record, previousRevision } of commit.actors) {
      this.#checkRow(record, previousRevision, commit, process);
    }
  }

  #complain(invariant: number, text: string): void {
    this.violations.push(`${invariant}: ${text}`);
  }

  #checkEntries(actor: string, entries: readonly Entry[], process: SimulatedProcess): void {
    const before = this.#rows.get(actor);
    const pending = this.#pending.get(actor) ?? NOTHING;
    let revision = before?.revision ?? 0;
    let hasEnded = before?.status === 'done' || before?.status === 'stopped';
    const heard = new Set<string>();
    for (const entry of entries) {
      revision += 1;
      if (entry.revision !== revision) {
        this.#complain(9, `${actor} has revision ${entry.revision} after ${revision - 1}`);
        revision = entry.revision;
      }
      if (entry.kind === 'started') {
        if (revision > 1 && !actor.includes('/')) this.#complain(9, `${actor} was started twice`);
        hasEnded = false;
      }
      if (hasEnded && entry.kind !== 'noted') {
        this.#complain(14, `${actor} took ${entry.type} after its end`);
      }
      if (entry.type === 'actor.failed') this.#failedMs.set(actor, this.#schedule.nowMs);
      if (entry.type === 'actor.resumed') this.#counts.count('actor resumed');
      if (entry.key !== null) this.#checkKey(actor, entry.key);
      if (entry.kind === 'received') this.#checkReceived(entry, pending, heard);
      if (entry.type === 'effect.late') this.#noteLate(entry);
      const isTimer = entry.causation?.startsWith('timer:') === true;
      const isFiring = entry.kind === 'received' || entry.type === 'timer.fired';
      if (isTimer && (isFiring || entry.type === 'actor.failed')) {
        this.#checkTimer(entry, pending, process);
      }
    }
  }

  #checkKey(actor: string, key: string): void {
    const name = `${actor}\n${key}`;
    if (this.#keys.has(name)) this.#complain(10, `${actor} took two messages under key ${key}`);
    this.#keys.add(name);
  }

  #checkReceived(entry: Entry, pending: Pending, heard: Set<string>): void {
    const { actor, type, data, causation } = entry;
    if (causation === null || type === 'ADD') {
      const { nonce }: { readonly nonce?: string } = JSON.parse(data);
      if (nonce !== undefined) {
        const times = this.times(nonce) + 1;
        this.#nonces.set(nonce, times);
        if (times > 1) this.#complain(10, `${actor} took ${nonce} ${times} times`);
      }
    }
    const id = OUTCOME.exec(type)?.[1];
    if (id === undefined || causation?.startsWith('effect:') !== true) return;
    const key = causation.slice('effect:'.length);
    const isOwn = !key.includes('@');
    const waiting = pending.effects?.[id];
    // An own key may be asked for again, and answered, by one commit.
    if ((waiting?.key !== key || heard.has(key)) && !(isOwn && this.attemptOf(actor, key) > 0)) {
      this.#complain(9, `${actor} got an outcome of ${key}, for which it did not wait`);
    }
    heard.add(key);
    if (type.startsWith('xstate.done')) this.#successes.add(`${actor}\n${key}`);
  }

  /** A success that its actor failed on is kept as a letter, to be delivered again. */
  #noteLetter(data: string): void {
    const { target, key, outcome }: LetterMessage = JSON.parse(data);
    if (outcome?.type === 'done') this.#successes.add(`${target}\n${key}`);
  }

  #noteLate({ actor, data }: Entry): void {
    this.#counts.count('late outcome taken');
    const { key, outcome }: { readonly key: string; readonly outcome: string } = JSON.parse(data);
    if (outcome === 'done') this.#successes.add(`${actor}\n${key}`);
  }

  #checkTimer(
    { actor, type, causation, at }: Entry,
    pending: Pending,
    process: SimulatedProcess,
  ): void {
    const named = /^timer:(.*)@(\d+)$/s.exec(causation ?? '');
    const [, id = '', generation = ''] = named ?? [];
    const timer = `${actor} timer ${id}@${generation}`;
    const armed = this.#armed.get(`${actor}\n${id}\n${generation}`);
    if (armed === undefined) {
      this.#complain(11, `${timer} fired and was never armed`);
      return;
    }
    // By the wall clock, or by any that this process may have measured it with.
    const latestMs = Math.max(at, this.#schedule.nowMs + process.mostSkewMs);
    if (latestMs < armed.dueAt && !armed.wasDue) {
      this.#complain(11, `${timer} fired ${armed.dueAt - latestMs} ms early`);
    }
    armed.wasDue = true;
    if (type === 'actor.failed') return;
    if (armed.hasFired) this.#complain(11, `${timer} fired twice`);
    armed.hasFired = true;
    this.#counts.count('timer fired');
    if (armed.process !== process) this.#counts.count('timer fired after a restart');
    const live = pending.timers?.[id];
    if (live?.generation !== Number(generation)) {
      this.#complain(11, `${timer} fired after it was cancelled or armed again`);
    }
  }

  #checkRow(row: Row, previousRevision: number, commit: Commit, process: SimulatedProcess): void {
    const before = this.#rows.get(row.id);
    if ((before?.revision ?? 0) !== previousRevision) {
      this.#complain(9, `${row.id} was written over revision ${before?.revision}`);
    }
    const entries = commit.journal.filter(({ actor }) => actor === row.id).length;
    if (row.revision !== previousRevision + entries) {
      this.#complain(9, `${row.id} is at ${row.revision} after ${entries} entries`);
    }
    const pending: Pending = row.pending === '{}' ? NOTHING : JSON.parse(row.pending);
    const known = this.#pending.get(row.id) ?? NOTHING;
    this.#rows.set(row.id, row);
    this.#pending.set(row.id, pending);
    const wakes: number[] = [];
    for (const { id, generation, dueAt } of Object.values(pending.timers ?? {})) {
      wakes.push(dueAt);
      const name = `${row.id}\n${id}\n${generation}`;
      if (!this.#armed.has(name))
        this.#armed.set(name, { dueAt, process, hasFired: false, wasDue: false });
    }
    let isRunning = false;
    for (const { id, key, kind, attempt, retryAt, cuts } of Object.values(pending.effects ?? {})) {
      if (retryAt === null) isRunning = true;
      else wakes.push(retryAt);
      const name = `${row.id}\n${key}`;
      this.#attempts.set(name, Math.max(attempt, this.#attempts.get(name) ?? 0));
      if (kind === 'action') this.#attempts.set(`${row.id}\naction`, 1);
      if (cuts > (known.effects?.[id]?.cuts ?? 0)) this.#counts.count('effect cut by a restart');
    }
    const mustRun = isRunning && (row.status === 'active' || row.status === 'done');
    const wakeAt = row.status === 'active' && wakes.length > 0 ? Math.min(...wakes) : null;
    if (row.status !== 'parked' && (row.running !== mustRun || row.wakeAt !== wakeAt)) {
      this.#complain(12, `the row of ${row.id} does not say what it waits for`);
    }
  }
}
