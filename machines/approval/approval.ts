// A request for an approval: it waits for one person's decision, and for so long only. As a step of a
// saga it lets the saga go on when approved; rejected or expired it turns the saga back. It does not ask
// anybody: whoever hears `approval.requested` does. Pure.

import { assign, emit, setup, type UnknownActorLogic } from 'xstate';
import { isText } from '../identifiers.ts';
import type { WrittenMachine } from '../machine-type.ts';
import { endInVain, type UndoRun, WAITED_WELL } from '../waiting-step.ts';
import {
  type ApprovalCommand,
  type ApprovalContext,
  type ApprovalDecision,
  type ApprovalFact,
  type ApprovalInput,
  type ApprovalOutput,
  createApproval,
} from './approval-contract.ts';

/** `STARTING` is left at once: for `PENDING`, or, when an approval is taken back, for the end. */
export type ApprovalState = 'STARTING' | 'PENDING' | ApprovalDecision;

export type ApprovalMachine = WrittenMachine<{
  context: ApprovalContext;
  event: ApprovalCommand;
  actors: Record<string, UnknownActorLogic>;
  delay: 'expiresAfter';
  state: ApprovalState;
  input: ApprovalInput | UndoRun;
  output: ApprovalOutput;
  emitted: ApprovalFact;
}>;

const approvalSetup = setup({
  types: {} as {
    context: ApprovalContext;
    events: ApprovalCommand;
    input: ApprovalInput | UndoRun;
    output: ApprovalOutput;
    emitted: ApprovalFact;
  },
  delays: { expiresAfter: ({ context }) => context.expiresAfterMs },
  guards: {
    isUndo: ({ context }) => context.isUndo,
    isSigned: (_, { by }: { by: string }) => isText(by),
    isReasoned: (_, { by, reason }: { by: string; reason: string }) => isText(by) && isText(reason),
  },
  actions: {
    noteDecision: assign({
      decision: (_, { decision }: { decision: ApprovalDecision }) => decision,
    }),
    noteDecider: assign({ by: (_, { by }: { by: string }) => by }),
    noteReason: assign({ reason: (_, { reason }: { reason: string }) => reason }),
  },
});

/** A request for an approval: a root of its own, or a step of a saga that it is a child of. */
export const approvalMachine: ApprovalMachine = approvalSetup.createMachine({
  id: 'approval',
  version: '1',
  context: ({ input }) => createApproval(input),
  initial: 'STARTING',
  states: {
    STARTING: { always: [{ guard: 'isUndo', target: 'WITHDRAWN' }, { target: 'PENDING' }] },
    PENDING: {
      entry: emit(({ context: { approvalId, subject, expiresAfterMs } }) => ({
        type: 'approval.requested',
        approvalId,
        subject,
        expiresAfterMs,
      })),
      on: {
        'approval.approve': {
          guard: { type: 'isSigned', params: ({ event }) => event },
          target: 'APPROVED',
          actions: [
            { type: 'noteDecider', params: ({ event }) => event },
            emit(({ context: { approvalId }, event: { by } }) => ({
              type: 'approval.approved',
              approvalId,
              by,
            })),
          ],
        },
        'approval.reject': {
          guard: { type: 'isReasoned', params: ({ event }) => event },
          target: 'REJECTED',
          actions: [
            { type: 'noteDecider', params: ({ event }) => event },
            { type: 'noteReason', params: ({ event }) => event },
            emit(({ context: { approvalId }, event: { by, reason } }) => ({
              type: 'approval.rejected',
              approvalId,
              by,
              reason,
            })),
          ],
        },
        CANCEL: {
          target: 'WITHDRAWN',
          actions: emit(({ context: { approvalId } }) => ({
            type: 'approval.withdrawn',
            approvalId,
          })),
        },
      },
      after: {
        expiresAfter: {
          target: 'EXPIRED',
          actions: emit(({ context: { approvalId } }) => ({
            type: 'approval.expired',
            approvalId,
          })),
        },
      },
    },
    APPROVED: {
      type: 'final',
      entry: { type: 'noteDecision', params: { decision: 'APPROVED' } },
    },
    REJECTED: {
      type: 'final',
      entry: { type: 'noteDecision', params: { decision: 'REJECTED' } },
    },
    EXPIRED: {
      type: 'final',
      entry: { type: 'noteDecision', params: { decision: 'EXPIRED' } },
    },
    WITHDRAWN: {
      type: 'final',
      entry: { type: 'noteDecision', params: { decision: 'WITHDRAWN' } },
    },
  },
  output: ({ context }) => finishApproval(context),
});

function finishApproval(context: ApprovalContext): ApprovalOutput {
  const { decision, by, reason } = context;
  if (decision === null) throw new Error('Expected a decision at the end of an approval.');
  const ending = decision === 'APPROVED' ? WAITED_WELL : endInVain(whyNot(context, decision));
  return { ...ending, decision, by, reason };
}

function whyNot(
  { subject, isUndo, by, reason }: ApprovalContext,
  decision: Exclude<ApprovalDecision, 'APPROVED'>,
): ApprovalOutput['failure'] {
  const step = 'approval';
  switch (decision) {
    case 'REJECTED':
      return { step, code: 'APPROVAL_REJECTED', message: `${by} rejected ${subject}: ${reason}` };
    case 'EXPIRED':
      return { step, code: 'APPROVAL_EXPIRED', message: `Nobody decided ${subject} in time.` };
    case 'WITHDRAWN':
      if (isUndo) return null;
      return { step, code: 'APPROVAL_WITHDRAWN', message: `${subject} was withdrawn.` };
  }
}
