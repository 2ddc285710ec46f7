// What a fault test and its engine's process say to each other over IPC. Types only.

import type { Health, Receipt } from 'sagawright';
import type { FromProgram } from '../support/asked-process.ts';
import type { AccountEvent } from './account.ts';

export interface ProcessOptions {
  readonly db: string;
  readonly durability?: 'full' | 'relaxed';
  /** How long a call to the outside takes; it ends early only if it is aborted. Default 0. */
  readonly postMs?: number;
  /** The drain of a stop by SIGTERM. Default '10s'. */
  readonly drainMs?: number;
}

export type EngineCall =
  | { readonly what: 'start'; readonly id: string }
  | {
      readonly what: 'send';
      readonly id: string;
      readonly event: AccountEvent;
      readonly key: string;
    }
  | { readonly what: 'read'; readonly id: string }
  /** Resolves when the engine says that it has failed, with the code of the cause; `none` if it does not. */
  | { readonly what: 'failure' }
  | { readonly what: 'health' }
  | { readonly what: 'clock' }
  /** Writes a file until the disk is full; removes it again; copies a file away. */
  | { readonly what: 'fill-disk'; readonly ballast: string }
  | { readonly what: 'free-disk'; readonly ballast: string }
  | { readonly what: 'copy'; readonly from: string; readonly to: string }
  | { readonly what: 'stop' }
  /** Ends the process, after a stop. */
  | { readonly what: 'leave' };

export interface EngineAnswer {
  readonly receipt?: Receipt;
  readonly account?: {
    readonly value: unknown;
    readonly revision: number;
    readonly context: { readonly total: number; readonly rings: number; readonly posted: string };
  };
  readonly code?: string;
  readonly health?: Pick<Health, 'level' | 'status' | 'problems'>;
  readonly now?: number;
}

export type FromEngine = FromProgram<EngineAnswer>;
export type ToEngine = EngineCall & { readonly call: number };
