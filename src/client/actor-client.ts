// One actor as its users hold it: an address with methods. It keeps no state of its own; every answer
// is about what has been committed.

import type { AnyStateMachine, EmittedFrom, EventFromLogic, EventObject, OutputFrom } from 'xstate';
import { type Duration, durationMs } from '../duration.ts';
import { EngineError } from '../errors.ts';
import { foldTo } from '../fold/past.ts';
import { type ActorId, parentOf } from '../ids.ts';
import { checkMembers } from '../options.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { EngineCore } from '../turn/engine-core.ts';
import { lookInTurn } from '../turn/in-turn.ts';
import { type Preview, previewIn } from '../turn/preview.ts';
import { createMessage, type SendOptions } from './intake.ts';
import { type HistoryEntry, readHistory } from './journal-pages.ts';
import type { Subscription } from './observers.ts';
import type { Receipt } from './receipt.ts';
import { type ActorSnapshot, createSnapshot } from './snapshot-view.ts';
import { checkTarget, isQuestion, type WaitTarget } from './wait-target.ts';

export class ActorClient<Machine extends AnyStateMachine = AnyStateMachine> {
  readonly id: ActorId;
  /** Whether this call has started the actor; false when it was there, or for `engine.actor()`. */
  readonly created: boolean;
  readonly #core: EngineCore;

  constructor(core: EngineCore, id: ActorId, created: boolean) {
    this.#core = core;
    this.id = id;
    this.created = created;
  }

  /**
   * Sends an event. The promise resolves when the transition is on disk; a duplicate or a refusal is a
   * receipt, not an exception.
   * @throws EngineError `ACTOR_NOT_FOUND`, `ACTOR_PARKED`, `BAD_EVENT`, `BAD_KEY`, `BAD_OPTION`,
   * `BAD_VALUE`, `KEY_REUSED`, `STEP_FAILED` (the machine threw: nothing changed), `STORE_FULL`, `STORE_BUSY`, `MAILBOX_FULL`,
   * `ENGINE_STOPPED`, `ENGINE_FAILED`
   */
  async send(event: EventFromLogic<Machine>, options: SendOptions = {}): Promise<Receipt> {
    const message = createMessage(this.id, event, options, this.#core.limits);
    const { expectedRevision } = options;
    return this.#core.request<Receipt>((settle) => ({
      kind: 'message',
      message,
      settle,
      ...(expectedRevision !== undefined && { expectedRevision }),
    }));
  }

  /** @throws EngineError `ACTOR_NOT_FOUND`, `ACTOR_PARKED` */
  async snapshot(): Promise<ActorSnapshot<Machine>> {
    return createSnapshot<Machine>(await this.#core.read(this.id));
  }

  /**
   * Waits for a committed snapshot that fits.
   * @throws EngineError `WAIT_TIMEOUT`; `ACTOR_FAILED`, `ACTOR_STOPPED` when it can never fit any more;
   * `BAD_OPTION` for a state that the actor's machine does not have
   */
  waitFor(
    target: WaitTarget<Machine>,
    options: { readonly timeout?: Duration } = {},
  ): Promise<ActorSnapshot<Machine>> {
    checkMembers(options, 'the options of waitFor', { timeout: true });
    const fits = (state: ActorState): boolean => {
      const snapshot = createSnapshot<Machine>(state);
      if (isQuestion(target)) return target(snapshot);
      checkTarget(state, target);
      return snapshot.matches(target);
    };
    const timeoutMs = options.timeout === undefined ? null : durationMs(options.timeout, 'timeout');
    return this.#wait(fits, timeoutMs, typeof target === 'function' ? 'the condition' : target);
  }

  /**
   * The output, once the actor is done.
   * @throws EngineError `ACTOR_FAILED`, `ACTOR_STOPPED`
   */
  async result(): Promise<OutputFrom<Machine>> {
    const snapshot = await this.#wait(({ status }) => status === 'done', null, 'done');
    return snapshot.output;
  }

  /** Called with each committed snapshot from now on. */
  subscribe(observer: (snapshot: ActorSnapshot<Machine>) => void): Subscription {
    return this.#core.observers.subscribe(this.id, (state) => observer(createSnapshot(state)));
  }

  /** Called with each domain event of this type, after its commit; `*` stands for all types. */
  on<Type extends EmittedFrom<Machine>['type'] | '*'>(
    type: Type,
    listener: (
      event: EmittedFrom<Machine> & (Type extends '*' ? EventObject : { type: Type }),
    ) => void,
  ): Subscription {
    return this.#core.observers.listen(this.id, type, (event) => listener(event as never));
  }

  /**
   * The actor as it was at one of its revisions, folded from its journal. Attempts of effects and actions
   * to run are not journaled and not shown.
   * @throws EngineError `ACTOR_NOT_FOUND`, `BAD_OPTION` for a revision that is not there,
   * `JOURNAL_NOT_FOLDABLE`
   */
  async at(revision: number): Promise<ActorSnapshot<Machine>> {
    return createSnapshot<Machine>(await foldTo(this.#core, this.id, revision));
  }

  /**
   * What the event would do now, to this actor and to all that it reaches in the same commit. Nothing is
   * written or published, no handler is called; a paused engine tells it too. Guards, assigns and key
   * functions run, as they would.
   * @throws EngineError `ACTOR_NOT_FOUND`, `ACTOR_PARKED`, `BAD_EVENT`, `BAD_VALUE`, `MAILBOX_FULL`,
   * `ENGINE_STOPPED`, `ENGINE_FAILED`
   */
  async preview(event: EventFromLogic<Machine>): Promise<Preview<Machine>> {
    const message = createMessage(this.id, event, {}, this.#core.limits);
    return lookInTurn(this.#core, (unit) => previewIn<Machine>(unit, message));
  }

  /** The actor's journal, oldest first, read page by page. */
  history(): AsyncIterable<HistoryEntry> {
    return readHistory(this.#core.store, this.id);
  }

  /**
   * Stops the actor and everything below it. Its journal stays.
   * @throws EngineError `BAD_ID` for a child: as in XState, only its parent may stop it
   */
  async stop(): Promise<void> {
    if (parentOf(this.id) !== null) {
      throw new EngineError(
        'BAD_ID',
        `Expected the address of a root to stop, got the child "${this.id}". Only its parent may stop a child: send it an event.`,
        { details: { actor: this.id } },
      );
    }
    await this.#core.request<void>((settle) => ({ kind: 'stop', target: this.id, settle }));
  }

  #wait(
    fits: (state: ActorState) => boolean,
    timeoutMs: number | null,
    target: unknown,
  ): Promise<ActorSnapshot<Machine>> {
    const { promise, resolve, reject } = Promise.withResolvers<ActorSnapshot<Machine>>();
    const look = (state: ActorState): void => {
      if (fits(state)) resolve(createSnapshot<Machine>(state));
      else if (state.status !== 'active') reject(cannotFit(createSnapshot(state), target));
    };
    // Watch first, then look: no snapshot can pass unseen in between.
    const subscription = this.#core.observers.subscribe(this.id, (state) => {
      try {
        look(state);
      } catch (error) {
        reject(error);
      }
    });
    const unregister = this.#core.onEnd(reject);
    const timer =
      timeoutMs === null
        ? null
        : this.#core.platform.wakeAfter(timeoutMs, () =>
            reject(timedOut(this.id, target, timeoutMs)),
          );
    // A paused engine changes nothing: what is not so now, is never so.
    this.#core
      .read(this.id)
      .then(look)
      .then(() => this.#core.status === 'paused' && reject(this.#core.ended()))
      .catch(reject);
    return promise.finally(() => {
      subscription.unsubscribe();
      unregister();
      timer?.cancel();
    });
  }
}

function cannotFit(snapshot: ActorSnapshot, target: unknown): EngineError {
  const { id, status, error } = snapshot;
  const why = error === null ? '' : ` (${error.message})`;
  return new EngineError(
    status === 'error' ? 'ACTOR_FAILED' : 'ACTOR_STOPPED',
    `Expected "${id}" to reach ${JSON.stringify(target)}, but it is ${status}${why} in ${JSON.stringify(snapshot.value)}.`,
    { details: { actor: id, status, cause: error } },
  );
}

function timedOut(id: ActorId, target: unknown, timeoutMs: number): EngineError {
  return new EngineError(
    'WAIT_TIMEOUT',
    `Expected "${id}" to reach ${JSON.stringify(target)} within ${timeoutMs} ms. It goes on; only this wait is over.`,
    { details: { actor: id, timeoutMs } },
  );
}
