// The package entry `sagawright/machines`: the commerce domain as statecharts. Nothing is defined here.

export {
  CHARGE_CARD,
  type Charge,
  type ChargeInput,
  chargeCard,
  type PaidRefund,
  REFUND_PAYMENT,
  RELEASE_STOCK,
  RESERVE_STOCK,
  type RefundInput,
  type ReleasedStock,
  type ReleaseInput,
  type Reservation,
  type ReserveInput,
  refundPayment,
  releaseStock,
  reserveStock,
  STEP_POLICY,
  UNDO_POLICY,
  type UndoInput,
  VOID_CHARGE,
  type VoidedCharge,
  type VoidInput,
  voidCharge,
} from './gateway-effects.ts';
export {
  computeRefundableMinor,
  type OrderMachine,
  type OrderState,
  orderMachine,
} from './order.ts';
export type {
  OrderCommand,
  OrderContext,
  OrderEnding,
  OrderFact,
  OrderInput,
  OrderItem,
  OrderOutput,
  OrderRefund,
} from './order-contract.ts';
export { askOrder, type OrderRequest } from './order-request.ts';
export { orderSaga, SETTLE_WAIT_MS, STOP_WAIT_MS } from './order-saga.ts';
export type {
  OrderSagaActors,
  OrderSagaContext,
  OrderSagaEvent,
  OrderSagaInput,
  OrderSagaMachine,
  OrderSagaOutput,
  OrderSagaState,
  SagaFailure,
  SagaResolution,
} from './order-saga-contract.ts';
export { refundSaga } from './refund-saga.ts';
export type {
  RefundResolution,
  RefundSagaActors,
  RefundSagaContext,
  RefundSagaEvent,
  RefundSagaInput,
  RefundSagaMachine,
  RefundSagaOutput,
  RefundSagaState,
} from './refund-saga-contract.ts';
