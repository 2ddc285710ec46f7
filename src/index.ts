// The package's public entry: what `import ... from 'sagawright'` gives.

export { type Addressable, addressOf, effectKey } from './address.ts';
export { type Config, defineConfig } from './cli/config.ts';
export { ActorClient } from './client/actor-client.ts';
export type { DeadLetter, DeadLetterFilter, DeadLetters } from './client/dead-letters.ts';
export type { EngineOptions } from './client/engine-options.ts';
export type { Health } from './client/health.ts';
export type { SendOptions } from './client/intake.ts';
export type { ActorSummary, HistoryEntry, ListOptions } from './client/journal-pages.ts';
export type { EngineInspectionEvent, Subscription } from './client/observers.ts';
export type {
  AcceptedReceipt,
  DuplicateReceipt,
  Receipt,
  RejectedReceipt,
} from './client/receipt.ts';
export type { ActorSnapshot, EffectView, StateTarget, TimerView } from './client/snapshot-view.ts';
export type { StartOptions } from './client/start-options.ts';
export type { WaitTarget } from './client/wait-target.ts';
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
} from './effects/effect.ts';
export { Engine, openEngine, type TransactOptions } from './engine.ts';
export { EngineError, ERROR_CODES, type ErrorCode, isEngineError } from './errors.ts';
export type { BackupOptions } from './fold/backup.ts';
export type {
  Mismatch,
  Unverifiable,
  VerifyOptions,
  VerifyProgress,
  VerifyReport,
} from './fold/verify.ts';
export type { ActorId, IdempotencyKey, Position } from './ids.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export type { Logger } from './logger.ts';
export { type Platform, systemPlatform, type Timer } from './platform.ts';
export { SagaBuilder, type SagaOptions, type StepOptions, saga } from './saga/saga.ts';
export {
  type CheckOptions,
  checkSaga,
  type PathToEnd,
  type SagaReport,
} from './saga/saga-check.ts';
export { formatFindings, type ReportFormat } from './saga/saga-check-format.ts';
export type { FindingCode, SagaFinding } from './saga/saga-check-graph.ts';
export type { SagaEnd } from './saga/saga-check-marks.ts';
export type {
  SagaContext,
  SagaOutput,
  SagaRecord,
  SagaResolution,
} from './saga/saga-context.ts';
export type { SagaFailure } from './saga/saga-definition.ts';
export type { SagaEvent, SagaMachine, SagaResult } from './saga/saga-machine.ts';
export { type SagaMeta, sagaMeta } from './saga/saga-meta.ts';
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
} from './saga/saga-step.ts';
export type { StandardSchema } from './saga/standard-schema.ts';
export { type AskLogic, type AskReceipt, type AskRequest, ask } from './step/ask.ts';
export { type ActorHandle, actorRef } from './step/handle.ts';
export { type VirtualMachine, type VirtualOptions, virtual } from './step/virtual.ts';
export type { Backup, BackupProgress, Store, StoreHealth } from './store.ts';
export type { DeadLetterReason } from './turn/message.ts';
export type { Preview, PreviewEffect, PreviewTimer } from './turn/preview.ts';
export type {
  Addressee,
  Transaction,
  TransactionReceipt,
  TransactionSendOptions,
} from './turn/transaction.ts';
export {
  type MigratedActor,
  type MigratingActor,
  type MigratingChild,
  type MigratingEffect,
  type MigratingTimer,
  type Migration,
  type MigrationOptions,
  migration,
} from './versions/migration.ts';
export type { MigrationCheck, MigrationReport } from './versions/migration-check.ts';
export type { MigrationCount } from './versions/migration-run.ts';
export type { Recovered } from './waking/recovery.ts';
