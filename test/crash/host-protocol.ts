// What a test and the engine's host process say to each other over IPC, and where the host can be told to
// die. Types only.

import type { Receipt } from 'sagawright';
import type { OrderInput } from 'sagawright/machines';
import type { FromProgram } from '../support/asked-process.ts';
import type { PurchaseInput } from './purchase.ts';

/** Where the host kills itself: when the n-th thing that matches comes to that point. */
export interface KillPlan {
  readonly point: 'before-commit' | 'after-commit' | 'before-call' | 'after-call';
  /** Type of a journal entry for commits, name of an effect for calls. Default: any. */
  readonly match?: string;
  /** From 1. */
  readonly count: number;
  /** Only once everything that was answered has been sent. */
  readonly afterAcks?: true;
}

export interface HostOptions {
  readonly db: string;
  readonly gateway: string;
  readonly kill: KillPlan | null;
}

export type HostCall =
  | { readonly what: 'start-purchase'; readonly id: string; readonly input: PurchaseInput }
  | { readonly what: 'start-order'; readonly input: OrderInput }
  | { readonly what: 'start-saga'; readonly id: string; readonly order: OrderInput }
  | { readonly what: 'pay'; readonly id: string; readonly key: string }
  | { readonly what: 'cancel'; readonly id: string; readonly key: string }
  /** Resolves when the actor has ended. */
  | { readonly what: 'end'; readonly id: string }
  /** Resolves when it has stopped in good order. */
  | { readonly what: 'stop' };

/** What a call is answered with, if it is not refused. */
export interface Answer {
  readonly created?: boolean;
  readonly receipt?: Receipt;
  /** State in which the actor has ended, and what became of it. */
  readonly ended?: { readonly value: unknown; readonly output: unknown };
}

export type ToHost = HostCall & { readonly call: number };

export type FromHost = FromProgram<Answer>;
