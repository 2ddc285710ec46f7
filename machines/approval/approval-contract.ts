// What a request for an approval is told, what it tells, and how it ends. Commands are requests and may
// be refused; facts have happened. Never holds behaviour beyond checking what comes in.

import { isDuration, isText } from '../identifiers.ts';
import { createFieldCheck } from '../input-check.ts';
import { type GiveUp, isUndoRun, type StepEnding, type UndoRun } from '../waiting-step.ts';

/** What somebody is asked to decide. */
export interface ApprovalInput {
  readonly approvalId: string;
  /** What is decided, in words: `return of order-1`. */
  readonly subject: string;
  /** How long a decision is waited for, in milliseconds; a positive integer. */
  readonly expiresAfterMs: number;
}

/** `WITHDRAWN`: nobody wants to know any more. */
export type ApprovalDecision = 'APPROVED' | 'REJECTED' | 'EXPIRED' | 'WITHDRAWN';

/** Empty texts and 0 in a run that takes an approval back. */
export interface ApprovalContext extends ApprovalInput {
  readonly isUndo: boolean;
  readonly decision: ApprovalDecision | null;
  /** Who decided it. */
  readonly by: string | null;
  readonly reason: string | null;
}

/** What a request for an approval can be told: one decision, by whom. */
export type ApprovalCommand =
  | { readonly type: 'approval.approve'; readonly by: string }
  | { readonly type: 'approval.reject'; readonly by: string; readonly reason: string }
  | GiveUp;

/** What has happened to a request for an approval, for whoever listens. */
export type ApprovalFact = { readonly approvalId: string } & (
  | {
      readonly type: 'approval.requested';
      readonly subject: string;
      readonly expiresAfterMs: number;
    }
  | { readonly type: 'approval.approved'; readonly by: string }
  | { readonly type: 'approval.rejected'; readonly by: string; readonly reason: string }
  | { readonly type: 'approval.expired' | 'approval.withdrawn' }
);

/** Only an approval lets a saga above go on. */
export interface ApprovalOutput extends StepEnding {
  readonly decision: ApprovalDecision;
  readonly by: string | null;
  /** Why it was rejected. */
  readonly reason: string | null;
}

/** @throws TypeError for an input that asks for no decision */
export function createApproval(input: ApprovalInput | UndoRun): ApprovalContext {
  const open = { decision: null, by: null, reason: null };
  if (isUndoRun(input)) {
    return { approvalId: '', subject: '', expiresAfterMs: 0, isUndo: true, ...open };
  }
  const expect = createFieldCheck('approval');
  const { approvalId, subject, expiresAfterMs } = input;
  expect(isText(approvalId), 'approvalId', 'the id of the request', approvalId);
  expect(isText(subject), 'subject', 'what is to be decided', subject);
  expect(
    isDuration(expiresAfterMs),
    'expiresAfterMs',
    'milliseconds, up to a century',
    expiresAfterMs,
  );
  return { approvalId, subject, expiresAfterMs, isUndo: false, ...open };
}
