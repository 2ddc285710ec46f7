// What the supervisor and the process that hosts the engine tell each other: plain data over their IPC
// channel. Both ends are this program, in one version, so a message is known by its type.

import type { OrderInput } from 'sagawright/machines';
import type { OurOrder, OurRefund, RefundTask } from './books.ts';

/** The sagas that orders can be run by; the first is the one that nobody has to ask for. */
export const SAGA_NAMES = ['payment-first', 'inventory-first'] as const;
export type SagaName = (typeof SAGA_NAMES)[number];

/** The only message to the engine's process, and its first. */
export interface RunRequest {
  readonly type: 'run';
  /** The engine's database. */
  readonly db: string;
  readonly gatewayUrl: string;
  readonly saga: SagaName;
  /** Orders in flight. */
  readonly concurrency: number;
  readonly orders: readonly OrderInput[];
  readonly refunds: readonly RefundTask[];
}

/** The engine is open. */
export interface EngineReady {
  readonly type: 'ready';
  /** Sagas of this work that were there already, ended or not. */
  readonly sagasFound: number;
  /** Calls that the process before had left and this one goes on with. */
  readonly callsRecovered: number;
}

/** A saga has come to rest. */
export interface EngineProgress {
  readonly type: 'progress';
  /** Sagas at rest, those that this process found so included. */
  readonly done: number;
  /** Sagas that this process has started. */
  readonly started: number;
}

/** How everything stands, all being at rest. The last message. */
export interface EngineBooks {
  readonly type: 'books';
  readonly orders: readonly OurOrder[];
  readonly refunds: readonly OurRefund[];
  /** What the engine's health says is not green, a sentence each. */
  readonly problems: readonly string[];
}

/** The engine cannot go on. The last message. */
export interface EngineFailure {
  readonly type: 'failed';
  readonly message: string;
}

export type FromEngine = EngineReady | EngineProgress | EngineBooks | EngineFailure;

export function isRunRequest(message: unknown): message is RunRequest {
  return typeOf(message) === 'run';
}

export function isFromEngine(message: unknown): message is FromEngine {
  return ['ready', 'progress', 'books', 'failed'].includes(typeOf(message));
}

function typeOf(message: unknown): string {
  const isTyped = typeof message === 'object' && message !== null && 'type' in message;
  return isTyped ? String(message.type) : '';
}
