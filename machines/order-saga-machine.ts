// The order saga's type, written down: its states, its calls and what goes in and out of it. XState
// infers no type that a package can export without repeating the whole chart. Types only.

import type { AskReceipt } from 'sagawright';
import type {
  AnyActorRef,
  EventObject,
  MetaObject,
  PromiseActorLogic,
  StateMachine,
  StateSchema,
} from 'xstate';
import type { ActorsByName } from './actor-names.ts';
import type {
  Charge,
  ChargeInput,
  ReleasedStock,
  ReleaseInput,
  Reservation,
  ReserveInput,
  VoidedCharge,
  VoidInput,
} from './gateway-effects.ts';
import type { OrderRequest } from './order-request.ts';
import type {
  OrderSagaContext,
  OrderSagaEvent,
  OrderSagaInput,
  OrderSagaOutput,
} from './order-saga-contract.ts';

/** The calls of an order saga as stand-ins may be given for them by `machine.provide`. */
export type OrderSagaActors = {
  readonly askOrder: PromiseActorLogic<AskReceipt, OrderRequest>;
  readonly chargeCard: PromiseActorLogic<Charge, ChargeInput>;
  readonly reserveStock: PromiseActorLogic<Reservation, ReserveInput>;
  readonly voidCharge: PromiseActorLogic<VoidedCharge, VoidInput>;
  readonly releaseStock: PromiseActorLogic<ReleasedStock, ReleaseInput>;
};

/** The states of an order saga. It can be cancelled in all of `fulfilling`. */
export type OrderSagaState =
  | {
      fulfilling:
        | 'starting'
        | 'charging'
        | 'recordingPayment'
        | 'reserving'
        | 'recordingInventory'
        | 'held';
    }
  | 'confirming'
  | 'stopping'
  | { undoing: 'choosing' | 'releasing' | 'voiding' }
  | 'cancellingOrder'
  | 'needsAttention'
  | 'resolving'
  | 'settling'
  | 'completed'
  | 'compensated'
  | 'resolved';

export type OrderSagaMachine = StateMachine<
  OrderSagaContext,
  OrderSagaEvent,
  Record<string, AnyActorRef | undefined>,
  ActorsByName<OrderSagaActors>,
  never,
  never,
  'stopWait' | 'settleWait',
  OrderSagaState,
  string,
  OrderSagaInput,
  OrderSagaOutput,
  EventObject,
  MetaObject,
  StateSchema
>;
