// The package's public entry: what `import ... from 'sagawright'` gives.

export { ActorClient, type WaitTarget } from './actor-client.ts';
export { type Addressable, addressOf, effectKey } from './address.ts';
export { type AskLogic, type AskReceipt, type AskRequest, ask } from './ask.ts';
export type { DeadLetter, DeadLetterFilter } from './dead-letters.ts';
export type { Duration } from './duration.ts';
export {
  type EffectError,
  type EffectHandler,
  type EffectLogic,
  type EffectOptions,
  effect,
  effectError,
  type Handler,
  type HandlerArgs,
  type HandlerOf,
  type HandlerWithReconcile,
  type Reconcile,
  type Reconciled,
  Rejected,
  type RetryOptions,
} from './effect.ts';
export { Engine, type EngineOptions, openEngine, type StartOptions } from './engine.ts';
export { EngineError, ERROR_CODES, type ErrorCode, isEngineError } from './errors.ts';
export { type ActorHandle, actorRef } from './handle.ts';
export type { Health } from './health.ts';
export type { ActorId, IdempotencyKey, Position } from './ids.ts';
export type { SendOptions } from './intake.ts';
export type { ActorSummary, HistoryEntry, ListOptions } from './journal-pages.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export type { Logger } from './logger.ts';
export type { DeadLetterReason } from './message.ts';
export type { EngineInspectionEvent, Subscription } from './observers.ts';
export { type Platform, systemPlatform, type Timer } from './platform.ts';
export type {
  AcceptedReceipt,
  DuplicateReceipt,
  Receipt,
  RejectedReceipt,
} from './receipt.ts';
export type { ActorSnapshot, EffectView, TimerView } from './snapshot-view.ts';
export type { Store, StoreHealth } from './store.ts';
