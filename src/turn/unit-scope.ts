// A unit of work as its parts see it: where they read, write and send on. unit.ts is the one
// implementation; the parts depend on this, so that none of them imports what calls it.

import type { ActorId } from '../ids.ts';
import type { Limits } from '../limits.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { StepSystem } from '../step/handle.ts';
import type { HostedLogic } from '../step/logic.ts';
import type { FindSeed } from '../step/virtual.ts';
import type { Message, Origin } from './message.ts';
import type { UnitOutput } from './unit-output.ts';
import type { ParkedActor, View } from './view.ts';

/** What became of a message. */
export type Delivery =
  /** `entry`: the index of its journal entry in the unit's output. */
  | { readonly type: 'accepted'; readonly entry: number; readonly state: ActorState }
  | { readonly type: 'rejected'; readonly state: ActorState }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'undeliverable'; readonly known: ParkedActor | null }
  /** Stale, not for anybody to act on, or waiting behind others of a busy actor. */
  | { readonly type: 'dropped' };

export interface Birth extends Origin {
  readonly id: ActorId;
  readonly logic: HostedLogic;
  readonly input: unknown;
  /** Null for a root. */
  readonly parent: {
    readonly id: ActorId;
    readonly root: ActorId;
    readonly generation: number;
  } | null;
}

export interface UnitScope extends View {
  readonly output: UnitOutput;
  readonly system: StepSystem;
  readonly limits: Limits;
  /** What an actor that is not there starts from at its first message. */
  readonly findSeed: FindSeed;
  /** Answers with the way back to what the unit has produced, and to who waits for a busy actor. */
  savepoint(): () => void;
  /** An actor that this unit is working on. */
  state(id: ActorId): ActorState;
  /** Processes a message with all that it causes. */
  deliver(message: Message): Delivery;
  /** Starts an actor. @throws what its first step throws */
  start(birth: Birth): void;
}
