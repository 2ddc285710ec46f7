// What the engine gave up on, kept with its cause until somebody decides: list, deliver again, discard.

import { decode } from '../codec.ts';
import { type Duration, durationMs } from '../duration.ts';
import { EngineError } from '../errors.ts';
import { type ActorId, actorAddress } from '../ids.ts';
import { type PageQuery, readPages } from '../pages.ts';
import type { DeadLetterQuery, DeadLetterRecord } from '../store.ts';
import type { EngineCore } from '../turn/engine-core.ts';
import type { DeadLetterReason, Message } from '../turn/message.ts';
import type { Receipt } from './receipt.ts';

export interface DeadLetter {
  readonly id: number;
  readonly reason: DeadLetterReason;
  readonly actor: ActorId;
  /** Event type or effect name. */
  readonly type: string;
  readonly message: unknown;
  /** Name, message and code of the cause. */
  readonly error: unknown;
  readonly at: number;
  readonly revision: number;
  readonly replays: number;
}

export interface DeadLetterFilter {
  readonly reason?: DeadLetterReason;
  readonly actor?: string;
}

/** Replays after which a letter is taken for a loop. */
const MAX_REPLAYS = 3;
/** Letters removed by one commit of a purge. */
const PURGED_AT_ONCE = 200;
/** These tell of something that has happened; there is no message to deliver again. */
const REPORTS: readonly string[] = ['EFFECT_EXHAUSTED', 'LATE_SUCCESS', 'ACTION_FAILED'];

export class DeadLetters {
  readonly #core: EngineCore;

  constructor(core: EngineCore) {
    this.#core = core;
  }

  /** Oldest first, read page by page; nothing is taken out. */
  async *list(filter: DeadLetterFilter = {}): AsyncIterable<DeadLetter> {
    for await (const record of this.#records(filter)) yield toDeadLetter(record);
  }

  /** How many there are of each reason. */
  async count(): Promise<Readonly<Partial<Record<DeadLetterReason, number>>>> {
    return (await this.#core.store.health()).deadLetters;
  }

  /**
   * Delivers a letter again; a failed actor is resumed by it. Null: its effect runs again.
   * @throws EngineError `DEAD_LETTER_NOT_FOUND`; `DEAD_LETTER_LOOP` after 3 replays unless forced;
   * `BAD_OPTION` for a letter that only reports
   */
  async retry(id: number, options: { readonly force?: boolean } = {}): Promise<Receipt | null> {
    const record = await this.#core.store.deadLetter(id);
    if (record === undefined) throw letterNotFound(id);
    checkRetry(record, options.force === true);
    const message = decode(record.data, `dead letter ${id}`) as Message;
    return this.#core.request<Receipt | null>((settle) => ({
      kind: 'resume',
      target: message.target,
      message,
      deadLetterId: id,
      settle,
    }));
  }

  /** @throws EngineError `DEAD_LETTER_NOT_FOUND` */
  async discard(id: number): Promise<void> {
    if ((await this.#core.store.deadLetter(id)) === undefined) throw letterNotFound(id);
    await this.#core.store.commit({ journal: [], actors: [], deadLettersRemoved: [id] });
  }

  /** Discards letters older than an age; answers with how many. */
  async purge(options: DeadLetterFilter & { readonly olderThan: Duration }): Promise<number> {
    const { olderThan, ...filter } = options;
    const before = this.#core.platform.now() - durationMs(olderThan, 'olderThan');
    let count = 0;
    const ids: number[] = [];
    for await (const { id } of this.#records(filter, before)) ids.push(id);
    while (ids.length > 0) {
      const deadLettersRemoved = ids.splice(0, PURGED_AT_ONCE);
      await this.#core.store.commit({ journal: [], actors: [], deadLettersRemoved });
      count += deadLettersRemoved.length;
    }
    return count;
  }

  async *#records(
    { reason, actor }: DeadLetterFilter,
    before?: number,
  ): AsyncIterable<DeadLetterRecord> {
    const query: Omit<DeadLetterQuery, 'after' | 'limit'> = {
      ...(reason !== undefined && { reason }),
      ...(actor !== undefined && { actor: actorAddress(actor) }),
      ...(before !== undefined && { before }),
    };
    const pages = readPages(
      (page: PageQuery<number>) => this.#core.store.deadLetters({ ...query, ...page }),
      ({ id }) => id,
    );
    for await (const page of pages) yield* page;
  }
}

/** @throws EngineError `DEAD_LETTER_LOOP`, `BAD_OPTION` for a letter that cannot be delivered again */
export function checkRetry(
  { id, reason, replays }: Pick<DeadLetterRecord, 'id' | 'reason' | 'replays'>,
  isForced: boolean,
): void {
  if (replays >= MAX_REPLAYS && !isForced) {
    throw new EngineError(
      'DEAD_LETTER_LOOP',
      `Expected a letter replayed fewer than ${MAX_REPLAYS} times, got ${replays} for letter ${id}. Mend its cause, then pass force: true.`,
      { details: { id, replays } },
    );
  }
  if (!REPORTS.includes(reason)) return;
  throw new EngineError(
    'BAD_OPTION',
    `Expected a letter with a message to deliver, got ${reason} (letter ${id}), which reports what has happened. Act on it, then discard it.`,
  );
}

export function letterNotFound(id: number): EngineError {
  return new EngineError(
    'DEAD_LETTER_NOT_FOUND',
    `Expected a dead letter with id ${id}, found none. It may have been delivered or discarded.`,
    { details: { id } },
  );
}

function toDeadLetter({ data, error, ...record }: DeadLetterRecord): DeadLetter {
  const what = `dead letter ${record.id}`;
  // The store takes any text; only the engine writes them.
  const reason = record.reason as DeadLetterReason;
  return { ...record, reason, message: decode(data, what), error: decode(error, what) };
}
