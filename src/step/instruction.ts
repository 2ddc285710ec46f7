// What a step asks of the engine, in the order in which XState recorded it: a closed union. Nothing
// here knows of SQL, of threads or of one process; any host of the same step can carry it out.

import type { EventObject } from 'xstate';
import type { ActorId } from '../ids.ts';

/** Where a message or a delayed message goes. */
export interface Target {
  readonly address: ActorId;
  /** The child meant, by the revision that started it; null when any will do. */
  readonly generation: number | null;
}

export type Instruction =
  | {
      readonly type: 'startChild';
      readonly id: string;
      readonly src: string;
      readonly input: unknown;
      /** The key that its input names for it; null for the default. */
      readonly key: string | null;
    }
  | { readonly type: 'stopChild'; readonly id: string; readonly generation: number }
  | { readonly type: 'send'; readonly to: Target; readonly event: EventObject }
  | {
      readonly type: 'armTimer';
      readonly id: string;
      readonly delayMs: number;
      readonly to: Target;
      readonly event: EventObject;
    }
  | { readonly type: 'cancelTimer'; readonly id: string }
  | { readonly type: 'emit'; readonly event: EventObject }
  | { readonly type: 'log'; readonly label: string | null; readonly value: unknown }
  /** A mistake in the machine that does not stop it. */
  | { readonly type: 'warning'; readonly message: string }
  | {
      readonly type: 'runAction';
      readonly name: string;
      readonly params: unknown;
      readonly event: unknown;
      /** An inline function, which cannot be stored; null for a named action. */
      readonly inline: (() => void) | null;
    };
