// What waits for a turn: a message or a request, and whoever waits for its answer. Closed union.

import type { Receipt } from '../client/receipt.ts';
import type { EngineError } from '../errors.ts';
import type { ActorId, IdempotencyKey } from '../ids.ts';
import type { AttemptRecord } from '../state/actor-state.ts';
import type { HostedLogic } from '../step/logic.ts';
import type { Message } from './message.ts';
import type { EffectName } from './unit-output.ts';
import type { UnitScope } from './unit-scope.ts';

/** What became of a tree that was to be migrated. */
export type TreeOutcome =
  /** `actors`: how many of it are of the new version now. */
  | { readonly type: 'migrated'; readonly actors: number; readonly missing: readonly string[] }
  | { readonly type: 'parked'; readonly error: EngineError }
  /** It has ended, or is not there. */
  | { readonly type: 'nothing' };

/** The two ends of a promise that is settled after a commit. */
export interface Settle<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

export interface Started {
  readonly created: boolean;
}

export type Envelope =
  | {
      readonly kind: 'message';
      readonly message: Message;
      readonly settle: Settle<Receipt> | null;
      /** The revision that the sender has seen: with another one the message is refused. */
      readonly expectedRevision?: number;
      /** Removed by the same commit: where the message was kept until now. */
      readonly inboxId?: number;
      readonly deadLetterId?: number;
    }
  | {
      readonly kind: 'start';
      readonly target: ActorId;
      readonly logic: HostedLogic;
      readonly input: unknown;
      readonly ifExists: 'attach' | 'fail';
      readonly correlation: string | null;
      readonly settle: Settle<Started>;
    }
  | { readonly kind: 'stop'; readonly target: ActorId; readonly settle: Settle<void> }
  /** A callback over several actors, committed as one. */
  | {
      readonly kind: 'transact';
      readonly run: (unit: UnitScope) => unknown;
      /** The same key again gets the first result, and the callback does not run. */
      readonly key: IdempotencyKey | null;
      /** Those that the callback is known to touch: read before it runs. */
      readonly actors: readonly ActorId[];
      readonly settle: Settle<unknown>;
    }
  /** A root with everything below it goes over to another version of its machine. */
  | {
      readonly kind: 'migrate';
      readonly target: ActorId;
      /** All actors of the tree. */
      readonly tree: readonly ActorId[];
      readonly run: (unit: UnitScope) => TreeOutcome;
      readonly settle: Settle<TreeOutcome>;
    }
  /** Commits the attempt that is about to run, or is due at `retryAt`. */
  | {
      readonly kind: 'attempt';
      readonly effect: EffectName;
      readonly record: AttemptRecord;
    }
  /** A failed actor goes on; its unsettled effects run again under their keys. */
  | {
      readonly kind: 'resume';
      readonly target: ActorId;
      /** What it failed on: delivered again, or its effect run again. */
      readonly message: Message;
      readonly deadLetterId: number;
      /** Null: its effect runs again, and nothing has been received yet. */
      readonly settle: Settle<Receipt | null>;
    }
  /** Has the turn read an actor: one that cannot be read is parked, one that can be again is released. */
  | { readonly kind: 'touch'; readonly target: ActorId };

/** Whether somebody outside can be told that it did not happen; everything else must not be lost. */
export function isRefusable(envelope: Envelope): boolean {
  return 'settle' in envelope && envelope.settle !== null;
}

/** Whether it was set aside by a turn that had done enough. */
export function isFromInbox(envelope: Envelope): boolean {
  return envelope.kind === 'message' && envelope.inboxId !== undefined;
}

/** The actors that an envelope is for; those of a transaction as far as they are known before. */
export function targetsOf(envelope: Envelope): readonly ActorId[] {
  switch (envelope.kind) {
    case 'transact':
      return envelope.actors;
    case 'message':
      return [envelope.message.target];
    case 'attempt':
      return [envelope.effect.actor];
    case 'migrate':
      return envelope.tree;
    default:
      return [envelope.target];
  }
}
