// After an open: what the last process has left. Messages in the inbox first, then actors that can be
// read again, then effects that were in flight: two index scans, however many actors there are.

import { decode } from '../codec.ts';
import type { Handlers } from '../effects/effect.ts';
import type { EffectRunner } from '../effects/effect-runner.ts';
import { createTask, nameOf } from '../effects/effect-task.ts';
import type { ActorId } from '../ids.ts';
import { type PageQuery, readPages } from '../pages.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { Reader } from '../state/reader.ts';
import type { Store } from '../store.ts';
import type { Envelope } from '../turn/envelope.ts';
import type { Message } from '../turn/message.ts';
import { isParked, type Known } from '../turn/view.ts';

export interface RecoveryOptions {
  readonly store: Store;
  readonly reader: Reader;
  readonly runner: EffectRunner;
  readonly handlers: Handlers;
  /** Effects are left as they are, for an engine that runs them. */
  readonly isHolding: boolean;
  readonly push: (envelope: Envelope) => void;
  /** Resolves when all that was pushed has been committed. */
  readonly quiet: () => Promise<void>;
}

/**
 * How much was found, for the log and for people who wonder. Timers and retries that are not due yet are
 * not counted: they are taken up as they come near.
 */
export interface Recovered {
  /** Messages that waited in the inbox. */
  readonly inbox: number;
  /** Parked actors that can be read again. */
  readonly released: number;
  /** Calls without an outcome. */
  readonly effects: number;
}

export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const inbox = await recoverInbox(options);
  const released = await releaseParked(options);
  // What the inbox held is done first: its effects are this process's own.
  await options.quiet();
  const effects = options.isHolding ? 0 : await recoverEffects(options);
  return { inbox, released, effects };
}

async function recoverInbox({ store, push }: RecoveryOptions): Promise<number> {
  let count = 0;
  const pages = readPages(
    (page: PageQuery<number>) => store.inbox(page),
    ({ id }) => id,
  );
  for await (const page of pages) {
    for (const { id, data } of page) {
      const message = decode(data, `inbox message ${id}`) as Message;
      push({ kind: 'message', message, settle: null, inboxId: id });
    }
    count += page.length;
  }
  return count;
}

/** Actors parked by an earlier process whose machine is known now go on. */
async function releaseParked({ store, reader, push }: RecoveryOptions): Promise<number> {
  let count = 0;
  const pages = readPages(
    (page: PageQuery<ActorId>) => store.list({ status: 'parked', ...page }),
    ({ id }) => id,
  );
  for await (const page of pages) {
    for (const record of page) {
      if (isParked(reader.read(record))) continue;
      push({ kind: 'touch', target: record.id });
      count += 1;
    }
  }
  return count;
}

async function recoverEffects(options: RecoveryOptions): Promise<number> {
  const { store, reader, push } = options;
  let count = 0;
  const pages = readPages(
    (page: PageQuery<ActorId>) => store.running(page),
    (id) => id,
  );
  for await (const ids of pages) {
    for (const known of inOrder(ids, await reader.actors(ids))) {
      if (isParked(known)) push({ kind: 'touch', target: known.id });
      else count += recoverActor(known, options);
    }
  }
  return count;
}

/**
 * Effects of one actor. Attempt 0 was never tried; a retry that is not due yet has not started; any
 * other may have been cut by the crash and counts.
 */
function recoverActor(state: ActorState, { runner, handlers }: RecoveryOptions): number {
  let count = 0;
  for (const effect of Object.values(state.effects)) {
    const task = createTask(state, effect, handlers);
    if (effect.retryAt !== null || runner.knows(nameOf(task))) continue;
    if (effect.attempt === 0) runner.adopt(task, 0);
    else runner.adoptCut(task);
    count += 1;
  }
  return count;
}

function inOrder(
  ids: readonly ActorId[],
  actors: readonly NonNullable<Known>[],
): readonly NonNullable<Known>[] {
  const byId = new Map(actors.map((actor) => [actor.id, actor] as const));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
