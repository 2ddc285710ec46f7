// The package's public entry: what `import ... from 'sagawright'` gives.

export { ActorClient } from './actor-client.ts';
export { type Addressable, addressOf, effectKey } from './address.ts';
export { type AskLogic, type AskReceipt, type AskRequest, ask } from './ask.ts';
export type { BackupOptions } from './backup.ts';
export type { DeadLetter, DeadLetterFilter, DeadLetters } from './dead-letters.ts';
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
  keyed,
  type Reconcile,
  type Reconciled,
  Rejected,
  type RetryOptions,
} from './effect.ts';
export { Engine, openEngine, type TransactOptions } from './engine.ts';
export type { EngineOptions } from './engine-options.ts';
export { EngineError, ERROR_CODES, type ErrorCode, isEngineError } from './errors.ts';
export { type ActorHandle, actorRef } from './handle.ts';
export type { Health } from './health.ts';
export type { ActorId, IdempotencyKey, Position } from './ids.ts';
export type { SendOptions } from './intake.ts';
export type { ActorSummary, HistoryEntry, ListOptions } from './journal-pages.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export type { Logger } from './logger.ts';
export type { DeadLetterReason } from './message.ts';
export {
  type MigratedActor,
  type MigratingActor,
  type MigratingChild,
  type MigratingEffect,
  type MigratingTimer,
  type Migration,
  type MigrationOptions,
  migration,
} from './migration.ts';
export type { MigrationCheck, MigrationReport } from './migration-check.ts';
export type { MigrationCount } from './migration-run.ts';
export type { EngineInspectionEvent, Subscription } from './observers.ts';
export { type Platform, systemPlatform, type Timer } from './platform.ts';
export type { Preview, PreviewEffect, PreviewTimer } from './preview.ts';
export type {
  AcceptedReceipt,
  DuplicateReceipt,
  Receipt,
  RejectedReceipt,
} from './receipt.ts';
export type { Recovered } from './recovery.ts';
export { SagaBuilder, type SagaOptions, type StepOptions, saga } from './saga.ts';
export {
  type CheckOptions,
  checkSaga,
  type PathToEnd,
  type SagaReport,
} from './saga-check.ts';
export { formatFindings, type ReportFormat } from './saga-check-format.ts';
export type { FindingCode, SagaFinding } from './saga-check-graph.ts';
export type { SagaEnd } from './saga-check-marks.ts';
export type {
  SagaContext,
  SagaFailure,
  SagaOutput,
  SagaRecord,
  SagaResolution,
} from './saga-context.ts';
export type { SagaEvent, SagaMachine, SagaResult } from './saga-machine.ts';
export { type SagaMeta, sagaMeta } from './saga-meta.ts';
export {
  computeEpoch,
  computeUndoCount,
  describeStep,
  failStep,
  failUndo,
  finishStep,
  finishUndo,
  IDLE_STEP,
  isStuck,
  type LateOutcome,
  needsUndo,
  noteLateStep,
  noteLateUndo,
  retryUndo,
  type SagaStep,
  type SagaUndo,
  type StepOutcome,
  startStep,
  startUndo,
  stopStep,
  type Undoes,
  type UndoStatus,
} from './saga-step.ts';
export type { ActorSnapshot, EffectView, StateTarget, TimerView } from './snapshot-view.ts';
export type { StandardSchema } from './standard-schema.ts';
export type { StartOptions } from './start-options.ts';
export type { Backup, BackupProgress, Store, StoreHealth } from './store.ts';
export type {
  Addressee,
  Transaction,
  TransactionReceipt,
  TransactionSendOptions,
} from './transaction.ts';
export type {
  Mismatch,
  Unverifiable,
  VerifyOptions,
  VerifyProgress,
  VerifyReport,
} from './verify.ts';
export { type VirtualMachine, type VirtualOptions, virtual } from './virtual.ts';
export type { WaitTarget } from './wait-target.ts';
