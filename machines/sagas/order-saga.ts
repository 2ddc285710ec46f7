// The saga that drives one order: charge, reserve, confirm, telling the order each step; and when one
// fails, undo whatever was or may have been done, in reverse order, and cancel the order. What cannot
// be undone waits for people in `needsAttention` and is never called compensated. Pure.

import {
  type EffectError,
  effectError,
  failStep,
  failUndo,
  finishStep,
  finishUndo,
  isStuck,
  needsUndo,
  sagaMeta,
} from 'sagawright';
import { assign, cancel, enqueueActions, setup } from 'xstate';
import { isText } from '../identifiers.ts';
import {
  type Charge,
  chargeCard,
  type Reservation,
  releaseStock,
  reserveStock,
  type VoidedCharge,
  voidCharge,
} from './gateway-effects.ts';
import { askOrder, hasEndedUnconfirmed } from './order-request.ts';
import {
  createOrderSaga,
  finishOrderSaga,
  type OrderSagaActors,
  type OrderSagaContext,
  type OrderSagaEvent,
  type OrderSagaInput,
  type OrderSagaMachine,
  type OrderSagaOutput,
  type SagaFailure,
  type SagaResolution,
} from './order-saga-contract.ts';
import {
  beginStep,
  beginUndo,
  createChargeInput,
  createOrderEnd,
  createReleaseInput,
  createReserveInput,
  createVoidInput,
  DEADLINE_PASSED,
  describeCancel,
  describeFailure,
  finishVoid,
  hearLate,
  isOwnLate,
  isSettled,
  type LateEvent,
  retryUndos,
  stopSteps,
} from './order-saga-plan.ts';

/** How long a saga waits for a call that it has stopped before it undoes it unheard. */
export const STOP_WAIT_MS = 15_000;
/** How long it stays open, everything undone, for a stopped call of which nothing was heard. */
export const SETTLE_WAIT_MS = 30_000;

const actors: OrderSagaActors = {
  askOrder,
  chargeCard,
  reserveStock,
  voidCharge,
  releaseStock,
};

const sagaSetup = setup({
  types: {} as {
    context: OrderSagaContext;
    events: OrderSagaEvent;
    input: OrderSagaInput;
    output: OrderSagaOutput;
  },
  actors,
  delays: { stopWait: STOP_WAIT_MS, settleWait: SETTLE_WAIT_MS },
  guards: {
    mustNotHold: ({ context }) => context.onFailure === 'compensate',
    hasFailed: ({ context }, { step }: { step: SagaFailure['step'] }) =>
      context.failure?.step === step,
    isSettled: ({ context }) => isSettled(context),
    mustRelease: ({ context }) => needsUndo(context.inventory),
    mustVoid: ({ context }) => needsUndo(context.payment),
    isStuck: ({ context }) => isStuck(context.payment) || isStuck(context.inventory),
    isOrderEnded: ({ context }) => context.isOrderEnded,
    hadEnded: (_, error: EffectError) => hasEndedUnconfirmed(error),
    isOwnLate: ({ context }, late: LateEvent) => isOwnLate(context, late),
    isSigned: (_, { by, why }: SagaResolution) => isText(by) && isText(why),
  },
  actions: {
    armDeadline: enqueueActions(({ context, enqueue }) => {
      const { deadlineMs } = context;
      if (deadlineMs === null) return;
      enqueue.raise({ type: 'saga.deadline' }, { id: 'deadline', delay: deadlineMs });
    }),
    disarmDeadline: cancel('deadline'),
    beginPayment: assign({
      payment: ({ context, self }) => beginStep(context.payment, 'payment', self),
    }),
    beginInventory: assign({
      inventory: ({ context, self }) => beginStep(context.inventory, 'inventory', self),
    }),
    finishPayment: assign({
      payment: ({ context }, charge: Charge) => finishStep(context.payment, charge),
    }),
    finishInventory: assign({
      inventory: ({ context }, reservation: Reservation) =>
        finishStep(context.inventory, reservation),
    }),
    failPayment: assign({
      payment: ({ context }, error: EffectError) => failStep(context.payment, error),
      failure: (_, error: EffectError) => describeFailure('payment', error),
    }),
    failInventory: assign({
      inventory: ({ context }, error: EffectError) => failStep(context.inventory, error),
      failure: (_, error: EffectError) => describeFailure('inventory', error),
    }),
    noteFailure: assign({ failure: (_, failure: SagaFailure) => failure }),
    clearFailure: assign({ failure: null }),
    stopSteps: assign(({ context }) => stopSteps(context)),
    beginVoid: assign({
      payment: ({ context, self }) => beginUndo(context.payment, 'payment', self),
    }),
    finishVoid: assign(({ context }, voided: VoidedCharge) => finishVoid(context, voided)),
    failVoid: assign({
      payment: ({ context }, error: EffectError) => failUndo(context.payment, error),
    }),
    beginRelease: assign({
      inventory: ({ context, self }) => beginUndo(context.inventory, 'inventory', self),
    }),
    finishRelease: assign({ inventory: ({ context }) => finishUndo(context.inventory) }),
    failRelease: assign({
      inventory: ({ context }, error: EffectError) => failUndo(context.inventory, error),
    }),
    retryUndos: assign(({ context }) => retryUndos(context)),
    hearLate: assign(({ context }, late: LateEvent) => hearLate(context, late)),
    noteOrderEnded: assign({ isOrderEnded: true, orderRefusal: null }),
    noteOrderRefusal: assign({ orderRefusal: (_, error: EffectError) => error }),
    noteResolution: assign({
      resolution: (_, { by, why }: SagaResolution) => ({ by, why }),
    }),
  },
});

/** A late outcome where nothing is running: there may be something to undo again. */
const reopening = {
  guard: { type: 'isOwnLate', params: ({ event }: { event: LateEvent }) => event },
  target: '#order-saga.undoing',
  actions: { type: 'hearLate', params: ({ event }: { event: LateEvent }) => event },
} as const;
/** The order did not take the command: it was ended by somebody else. */
const refused = {
  target: '#order-saga.undoing',
  actions: {
    type: 'noteFailure',
    params: ({ event }: { event: { error: unknown } }): SagaFailure =>
      describeFailure('order', effectError(event.error)),
  },
} as const;
const withError = ({ event }: { event: { error: unknown } }): EffectError =>
  effectError(event.error);

/** The saga of one order. The order is started first, under the id that the input names. */
export const orderSaga: OrderSagaMachine = sagaSetup.createMachine({
  id: 'order-saga',
  version: '1',
  context: ({ input }) => createOrderSaga(input),
  initial: 'fulfilling',
  on: {
    'effect.late': {
      guard: { type: 'isOwnLate', params: ({ event }) => event },
      actions: { type: 'hearLate', params: ({ event }) => event },
    },
  },
  states: {
    fulfilling: {
      entry: 'armDeadline',
      exit: 'disarmDeadline',
      initial: 'starting',
      on: {
        CANCEL: {
          target: 'stopping',
          actions: [
            'stopSteps',
            { type: 'noteFailure', params: ({ event }) => describeCancel(event.reason) },
          ],
        },
        'saga.deadline': {
          target: 'stopping',
          actions: ['stopSteps', { type: 'noteFailure', params: DEADLINE_PASSED }],
        },
      },
      states: {
        starting: {
          invoke: {
            id: 'askOrder',
            src: 'askOrder',
            input: ({ context: { orderId } }) => ({
              orderId,
              command: { type: 'order.startPayment' },
            }),
            onDone: 'charging',
            onError: refused,
          },
        },
        charging: {
          meta: sagaMeta({ step: 'payment', role: 'run' }),
          entry: 'beginPayment',
          invoke: {
            id: 'chargeCard',
            src: 'chargeCard',
            input: ({ context }) => createChargeInput(context),
            onDone: {
              target: 'recordingPayment',
              actions: { type: 'finishPayment', params: ({ event }) => event.output },
            },
            onError: {
              target: 'held',
              actions: { type: 'failPayment', params: withError },
            },
          },
        },
        recordingPayment: {
          invoke: {
            id: 'askOrder',
            src: 'askOrder',
            input: ({ context: { orderId, payment, totalMinor, currency } }) => ({
              orderId,
              command: {
                type: 'order.completePayment',
                chargeKey: payment.key,
                amountMinor: payment.output?.amountMinor ?? totalMinor,
                currency: payment.output?.currency ?? currency,
              },
            }),
            onDone: 'reserving',
            onError: refused,
          },
        },
        reserving: {
          meta: sagaMeta({ step: 'inventory', role: 'run' }),
          entry: 'beginInventory',
          invoke: {
            id: 'reserveStock',
            src: 'reserveStock',
            input: ({ context }) => createReserveInput(context),
            onDone: {
              target: 'recordingInventory',
              actions: { type: 'finishInventory', params: ({ event }) => event.output },
            },
            onError: {
              target: 'held',
              actions: { type: 'failInventory', params: withError },
            },
          },
        },
        recordingInventory: {
          invoke: {
            id: 'askOrder',
            src: 'askOrder',
            input: ({ context: { orderId, inventory } }) => ({
              orderId,
              command: { type: 'order.reserveInventory', reservationKey: inventory.key },
            }),
            onDone: '#order-saga.confirming',
            onError: refused,
          },
        },
        held: {
          always: { guard: 'mustNotHold', target: '#order-saga.undoing' },
          on: {
            RETRY: [
              {
                guard: { type: 'hasFailed', params: { step: 'payment' } },
                target: 'charging',
                actions: 'clearFailure',
              },
              { target: 'reserving', actions: 'clearFailure' },
            ],
            COMPENSATE: '#order-saga.undoing',
          },
        },
      },
    },
    confirming: {
      meta: sagaMeta({ step: 'confirmation', role: 'pivot' }),
      invoke: {
        id: 'askOrder',
        src: 'askOrder',
        input: ({ context: { orderId } }) => ({ orderId, command: { type: 'order.confirm' } }),
        onDone: 'completed',
        onError: refused,
      },
    },
    stopping: {
      always: { guard: 'isSettled', target: 'undoing' },
      after: { stopWait: 'undoing' },
    },
    undoing: {
      initial: 'choosing',
      states: {
        choosing: {
          always: [
            { guard: 'mustRelease', target: 'releasing' },
            { guard: 'mustVoid', target: 'voiding' },
            { guard: 'isStuck', target: '#order-saga.needsAttention' },
            { guard: 'isOrderEnded', target: '#order-saga.settling' },
            { target: '#order-saga.cancellingOrder' },
          ],
        },
        releasing: {
          meta: sagaMeta({ step: 'inventory', role: 'compensate' }),
          entry: 'beginRelease',
          invoke: {
            id: 'releaseStock',
            src: 'releaseStock',
            input: ({ context }) => createReleaseInput(context),
            onDone: { target: 'choosing', actions: 'finishRelease' },
            onError: {
              target: 'choosing',
              actions: { type: 'failRelease', params: withError },
            },
          },
        },
        voiding: {
          meta: sagaMeta({ step: 'payment', role: 'compensate' }),
          entry: 'beginVoid',
          invoke: {
            id: 'voidCharge',
            src: 'voidCharge',
            input: ({ context }) => createVoidInput(context),
            onDone: {
              target: 'choosing',
              actions: { type: 'finishVoid', params: ({ event }) => event.output },
            },
            onError: { target: 'choosing', actions: { type: 'failVoid', params: withError } },
          },
        },
      },
    },
    cancellingOrder: {
      on: { 'effect.late': reopening },
      invoke: {
        id: 'askOrder',
        src: 'askOrder',
        input: ({ context }) => createOrderEnd(context),
        onDone: { target: 'settling', actions: 'noteOrderEnded' },
        onError: [
          {
            guard: { type: 'hadEnded', params: withError },
            target: 'settling',
            actions: 'noteOrderEnded',
          },
          {
            target: 'needsAttention',
            actions: { type: 'noteOrderRefusal', params: withError },
          },
        ],
      },
    },
    needsAttention: {
      on: {
        RETRY: { target: 'undoing', actions: 'retryUndos' },
        RESOLVE: {
          guard: { type: 'isSigned', params: ({ event }) => event },
          target: 'resolving',
          actions: { type: 'noteResolution', params: ({ event }) => event },
        },
        'effect.late': reopening,
      },
    },
    resolving: {
      invoke: {
        id: 'askOrder',
        src: 'askOrder',
        input: ({ context }) => createOrderEnd(context),
        onDone: 'resolved',
        onError: 'resolved',
      },
    },
    settling: {
      always: { guard: 'isSettled', target: 'compensated' },
      after: { settleWait: 'compensated' },
      on: { 'effect.late': reopening },
    },
    completed: { type: 'final', meta: sagaMeta({ end: 'completed' }) },
    compensated: { type: 'final', meta: sagaMeta({ end: 'compensated' }) },
    resolved: { type: 'final', meta: sagaMeta({ end: 'resolved' }) },
  },
  output: ({ context }) => finishOrderSaga(context),
});
