// A watch over one delivery: it waits for a carrier's news as long as there is none, and says once when
// that takes too long. As a step of a saga it lets the saga go on when the parcel has arrived; a lost
// one fails the step. It asks no carrier; whoever hears from one tells it. Pure.

import { assign, emit, setup, type UnknownActorLogic } from 'xstate';
import { isText } from '../identifiers.ts';
import type { WrittenMachine } from '../machine-type.ts';
import { endInVain, type UndoRun, WAITED_WELL } from '../waiting-step.ts';
import {
  createDelivery,
  type DeliveryCommand,
  type DeliveryContext,
  type DeliveryInput,
  type DeliveryOutcome,
  type DeliveryOutput,
  type DeliveryWatchFact,
} from './delivery-contract.ts';

/** `STARTING` is left at once: for `AWAITING`, or, when a watch is taken back, for the end. */
export type DeliveryState = 'STARTING' | 'AWAITING' | 'OVERDUE' | DeliveryOutcome;

export type DeliveryMachine = WrittenMachine<{
  context: DeliveryContext;
  event: DeliveryCommand;
  actors: Record<string, UnknownActorLogic>;
  delay: 'overdueAfter';
  state: DeliveryState;
  input: DeliveryInput | UndoRun;
  output: DeliveryOutput;
  emitted: DeliveryWatchFact;
}>;

type Told<Type extends DeliveryCommand['type']> = {
  readonly event: Extract<DeliveryCommand, { readonly type: Type }>;
};

function ofDelivery({
  orderId,
  shipmentId,
}: DeliveryContext): Pick<DeliveryInput, 'orderId' | 'shipmentId'> {
  return { orderId, shipmentId };
}

const deliverySetup = setup({
  types: {} as {
    context: DeliveryContext;
    events: DeliveryCommand;
    input: DeliveryInput | UndoRun;
    output: DeliveryOutput;
    emitted: DeliveryWatchFact;
  },
  delays: { overdueAfter: ({ context }) => context.overdueAfterMs },
  guards: {
    isUndo: ({ context }) => context.isUndo,
    saysWhy: (_, { reason }: { reason: string }) => isText(reason),
  },
  actions: {
    noteOverdue: assign({ wasOverdue: true }),
    noteReason: assign({ reason: (_, { reason }: { reason: string }) => reason }),
    noteOutcome: assign({ outcome: (_, { outcome }: { outcome: DeliveryOutcome }) => outcome }),
    tellOverdue: emit(({ context }) => ({
      type: 'delivery.overdue' as const,
      ...ofDelivery(context),
      overdueAfterMs: context.overdueAfterMs,
    })),
    tellLost: emit(({ context }, { reason }: { reason: string }) => ({
      type: 'delivery.lost' as const,
      ...ofDelivery(context),
      reason,
    })),
  },
});

/** What is heard while a parcel is waited for, in time or not. */
const news = {
  'delivery.arrived': 'ARRIVED',
  'delivery.lost': {
    guard: { type: 'saysWhy', params: ({ event }: Told<'delivery.lost'>) => event },
    target: 'LOST',
    actions: [
      { type: 'noteReason', params: ({ event }: Told<'delivery.lost'>) => event },
      { type: 'tellLost', params: ({ event }: Told<'delivery.lost'>) => event },
    ],
  },
  CANCEL: 'WITHDRAWN',
} as const;

/** A watch over one delivery: a root of its own, or a step of a saga that it is a child of. */
export const deliveryMachine: DeliveryMachine = deliverySetup.createMachine({
  id: 'delivery',
  version: '1',
  context: ({ input }) => createDelivery(input),
  initial: 'STARTING',
  states: {
    STARTING: { always: [{ guard: 'isUndo', target: 'WITHDRAWN' }, { target: 'AWAITING' }] },
    AWAITING: { on: news, after: { overdueAfter: 'OVERDUE' } },
    OVERDUE: { entry: ['noteOverdue', 'tellOverdue'], on: news },
    ARRIVED: {
      type: 'final',
      entry: [
        { type: 'noteOutcome', params: { outcome: 'ARRIVED' } },
        emit(({ context }) => ({ type: 'delivery.arrived', ...ofDelivery(context) })),
      ],
    },
    LOST: { type: 'final', entry: { type: 'noteOutcome', params: { outcome: 'LOST' } } },
    WITHDRAWN: { type: 'final', entry: { type: 'noteOutcome', params: { outcome: 'WITHDRAWN' } } },
  },
  output: ({ context }) => finishDelivery(context),
});

function finishDelivery(context: DeliveryContext): DeliveryOutput {
  const { outcome, wasOverdue } = context;
  if (outcome === null) throw new Error('Expected an outcome at the end of a delivery.');
  const ending = outcome === 'ARRIVED' ? WAITED_WELL : endInVain(whyNot(context, outcome));
  return { ...ending, outcome, wasOverdue };
}

function whyNot(
  { shipmentId, isUndo, reason }: DeliveryContext,
  outcome: Exclude<DeliveryOutcome, 'ARRIVED'>,
): DeliveryOutput['failure'] {
  const step = 'delivery';
  switch (outcome) {
    case 'LOST':
      return { step, code: 'DELIVERY_LOST', message: `${shipmentId} is lost: ${reason}` };
    case 'WITHDRAWN':
      if (isUndo) return null;
      return { step, code: 'DELIVERY_WITHDRAWN', message: `Nobody waits for ${shipmentId}.` };
  }
}
