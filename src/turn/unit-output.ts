// What one unit of work has produced: written by its commit, then published. Nothing in here has
// happened until that commit is durable.

import type { EventObject } from 'xstate';
import type { ActorId, IdempotencyKey } from '../ids.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { JournalKind, NewDeadLetter, NewJournalEntry, TransactionResult } from '../store.ts';
import { type DeadLetterReason, eventOf, type Message, type Origin, senderIn } from './message.ts';
import type { ParkedActor } from './view.ts';

/** Something to tell observers after the commit, in order. */
export type Fact =
  | { readonly type: 'started'; readonly state: ActorState; readonly input: unknown }
  | {
      readonly type: 'received';
      readonly state: ActorState;
      readonly event: EventObject;
      /** The actor that the event is from; null for the outside, timers and effects. */
      readonly source: ActorId | null;
    }
  | { readonly type: 'emitted'; readonly actor: ActorId; readonly event: EventObject }
  | { readonly type: 'ended'; readonly state: ActorState }
  | {
      readonly type: 'log';
      readonly actor: ActorId;
      readonly label: string | null;
      readonly value: unknown;
    }
  | { readonly type: 'warning'; readonly actor: ActorId; readonly message: string }
  | { readonly type: 'inline'; readonly actor: ActorId; readonly run: () => void };

/**
 * Journaled where an actor was started without input: reads as null, but is told from an input that is
 * null, for a machine may tell them apart.
 */
export const NO_INPUT = 'null ';

export interface EffectName {
  readonly actor: ActorId;
  readonly id: string;
  readonly generation: number;
}

export class UnitOutput {
  readonly now: number;
  readonly actors: Map<ActorId, ActorState> = new Map();
  readonly journal: NewJournalEntry[] = [];
  readonly facts: Fact[] = [];
  readonly deadLetters: NewDeadLetter[] = [];
  readonly overflow: Message[] = [];
  /** Changes of system ids by root: null frees one. */
  readonly systemIds: Map<ActorId, Map<string, ActorId | null>> = new Map();
  readonly effectsStarted: EffectName[] = [];
  readonly effectsStopped: EffectName[] = [];
  /** Effects whose outcome another call under their key has brought. */
  readonly effectsSettled: EffectName[] = [];
  readonly transactionResults: TransactionResult[] = [];
  /** Actors that cannot go on for now: their rows stay as they are but for the status. */
  readonly parked: ParkedActor[] = [];

  /** @param now wall clock of the turn, milliseconds since the epoch */
  constructor(now: number) {
    this.now = now;
  }

  /** Answers with the way back to what the unit has produced so far. */
  savepoint(): () => void {
    const lists: unknown[][] = [
      this.journal,
      this.facts,
      this.deadLetters,
      this.overflow,
      this.effectsStarted,
      this.effectsStopped,
      this.effectsSettled,
      this.transactionResults,
      this.parked,
    ];
    const lengths = lists.map(({ length }) => length);
    const actors = [...this.actors];
    const systemIds = [...this.systemIds].map(
      ([root, changes]) => [root, new Map(changes)] as const,
    );
    return () => {
      for (const [index, list] of lists.entries()) list.length = lengths[index] ?? 0;
      this.actors.clear();
      for (const [id, state] of actors) this.actors.set(id, state);
      this.systemIds.clear();
      for (const [root, changes] of systemIds) this.systemIds.set(root, changes);
    };
  }

  /** The first entry of an actor's life. `state` already has the entry's revision. */
  started(state: ActorState, input: unknown, origin: Origin): void {
    this.#write('started', state, 'xstate.init', input, origin, null);
    this.facts.push({ type: 'started', state, input });
  }

  /** A message that changed the actor. Answers with the index of its entry in the journal. */
  received(
    state: ActorState,
    event: EventObject,
    origin: Origin,
    key: IdempotencyKey | null,
  ): number {
    this.#write('received', state, event.type, event, origin, key);
    this.facts.push({ type: 'received', state, event, source: senderIn(origin) });
    return this.journal.length - 1;
  }

  /** A domain event; answers with the actor one revision on. */
  emitted(state: ActorState, event: EventObject, origin: Origin): ActorState {
    const next = { ...state, revision: state.revision + 1 };
    this.#write('emitted', next, event.type, event, origin, null);
    this.facts.push({ type: 'emitted', actor: state.id, event });
    return next;
  }

  /** A fact that is no transition; answers with the actor one revision on. */
  noted(state: ActorState, type: string, data: unknown, origin: Origin): ActorState {
    const next = { ...state, revision: state.revision + 1, updatedAt: this.now };
    this.#write('noted', next, type, data, origin, null);
    return next;
  }

  /** A message that the engine gives up on, kept with its cause until somebody decides. */
  addDeadLetter(
    { id: actor, revision }: Pick<ActorState, 'id' | 'revision'>,
    message: Message,
    reason: DeadLetterReason,
    error: object,
  ): void {
    this.deadLetters.push({
      reason,
      actor,
      type: message.kind === 'effect' ? message.src : eventOf(message, null).type,
      data: JSON.stringify(message),
      error: JSON.stringify(error),
      at: this.now,
      revision,
    });
  }

  #write(
    kind: JournalKind,
    state: ActorState,
    type: string,
    data: unknown,
    { correlation, causation }: Origin,
    key: IdempotencyKey | null,
  ): void {
    const value = kind === 'started' || kind === 'received' ? state.stored.value : undefined;
    this.journal.push({
      actor: state.id,
      revision: state.revision,
      kind,
      type,
      data: data === undefined ? NO_INPUT : JSON.stringify(data),
      state: value === undefined ? null : JSON.stringify(value),
      at: this.now,
      key,
      correlation,
      causation,
    });
    this.actors.set(state.id, state);
  }

  setSystemId(root: ActorId, systemId: string, actor: ActorId | null): void {
    const changes = this.systemIds.get(root) ?? new Map<string, ActorId | null>();
    this.systemIds.set(root, changes.set(systemId, actor));
  }
}
