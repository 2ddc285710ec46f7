// The package entry `sagawright/machines`: the commerce domain as statecharts. Nothing is defined here.

export { type AccountMachine, type AccountState, accountMachine } from './account/account.ts';
export type {
  AccountCommand,
  AccountContext,
  AccountFact,
  AccountInput,
  Movement,
  MovementFact,
} from './account/account-contract.ts';
export {
  ACCOUNT_PREFIX,
  type AccountRequest,
  accountAddress,
  accountOf,
  type Transfer,
  transferMoney,
} from './account/account-requests.ts';
export { type ApprovalMachine, type ApprovalState, approvalMachine } from './approval/approval.ts';
export type {
  ApprovalCommand,
  ApprovalContext,
  ApprovalDecision,
  ApprovalFact,
  ApprovalInput,
  ApprovalOutput,
} from './approval/approval-contract.ts';
export { type CartMachine, type CartState, cartMachine } from './cart/cart.ts';
export {
  CART_TTL_MS,
  type CartCheckout,
  type CartCommand,
  type CartContext,
  type CartFact,
  type CartInput,
  type CartItem,
  type CartLine,
  type CartOutput,
  type CartRules,
  type CartTotals,
  MAX_CART_ITEMS,
  MAX_SUBTOTAL_MINOR,
} from './cart/cart-contract.ts';
export { computeCartTotals } from './cart/cart-totals.ts';
export { type DeliveryMachine, type DeliveryState, deliveryMachine } from './delivery/delivery.ts';
export type {
  DeliveryCommand,
  DeliveryContext,
  DeliveryInput,
  DeliveryOutcome,
  DeliveryOutput,
  DeliveryWatchFact,
} from './delivery/delivery-contract.ts';
export {
  isOrderId,
  isQuantity,
  isSku,
  MAX_NAME_LENGTH,
  MAX_QUANTITY,
  type OrderId,
  type Quantity,
  type Sku,
  toOrderId,
  toQuantity,
  toSku,
} from './identifiers.ts';
export {
  addMoney,
  allocateMoney,
  CURRENCIES,
  compareMoney,
  formatMoney,
  isCurrency,
  isPercent,
  type Money,
  MoneyError,
  type MoneyErrorCode,
  money,
  multiplyMoney,
  parseMoney,
  percentOf,
  subtractMoney,
  sumMoney,
} from './money.ts';
export {
  type NotificationMachine,
  type NotificationState,
  notificationMachine,
} from './notification/notification.ts';
export {
  MAX_NOTIFICATIONS,
  type Notification,
  type NotificationCommand,
  type NotificationContext,
  type NotificationFact,
  type NotificationInput,
} from './notification/notification-contract.ts';
export { type OrderMachine, orderMachine } from './order/order.ts';
export type {
  OrderCancellation,
  OrderContext,
  OrderRefund,
  OrderReturn,
  OrderTerms,
} from './order/order-context.ts';
export type {
  CancellationPolicy,
  OrderCommand,
  OrderEnding,
  OrderFact,
  OrderInput,
  OrderItem,
  OrderOutcome,
  OrderOutput,
  OrderShipment,
  OrderState,
  OrderTimer,
  ShippingAddress,
} from './order/order-contract.ts';
export {
  computeRefundableMinor,
  MAX_ORDER_REFUNDS,
  MAX_ORDER_RETURNS,
} from './order/order-policy.ts';
export { type PaymentMachine, type PaymentState, paymentMachine } from './payment/payment.ts';
export {
  computeUnrefundedMinor,
  MAX_PAYMENT_REFUNDS,
  type PaymentCommand,
  type PaymentContext,
  type PaymentFact,
  type PaymentInput,
  type PaymentMethod,
  type PaymentOutput,
  type PaymentRefund,
} from './payment/payment-contract.ts';
export {
  CANCELLATION_PLAN,
  type CancellationInput,
  type CancellationPlan,
  type CancellationSaga,
  type CancellationStep,
  cancellationSaga,
  createCancellationSaga,
} from './sagas/cancellation-saga.ts';
export type {
  Authorization,
  AuthorizeRequest,
  CallName,
  CallPolicy,
  CancelledShipment,
  CancelShipmentRequest,
  Capture,
  CaptureRequest,
  CreatedShipment,
  DispatchedShipment,
  DispatchRequest,
  FulfilmentCalls,
  MailKind,
  MailRequest,
  SentMail,
  ShipmentRequest,
  VoidAuthorizationRequest,
  VoidedAuthorization,
} from './sagas/fulfilment-calls.ts';
export type { FulfilmentInput } from './sagas/fulfilment-input.ts';
export {
  AUTHORIZE_CAPTURE_PLAN,
  CONFIGURED_PLAN,
  type FulfilmentConfiguration,
  type FulfilmentPlan,
  type FulfilmentStep,
  INVENTORY_FIRST_PLAN,
  PARALLEL_PLAN,
  PAYMENT_FIRST_PLAN,
} from './sagas/fulfilment-plan.ts';
export {
  authorizeCaptureSaga,
  configuredSaga,
  createFulfilmentSaga,
  type FulfilmentSaga,
  inventoryFirstSaga,
  parallelSaga,
  paymentFirstSaga,
} from './sagas/fulfilment-saga.ts';
export type { FulfilmentResults, PreparationResults } from './sagas/fulfilment-steps.ts';
export {
  CHARGE_CARD,
  type Charge,
  type ChargeInput,
  type ChargeRequest,
  chargeCard,
  type PaidRefund,
  REFUND_PAYMENT,
  RELEASE_STOCK,
  RESERVE_STOCK,
  type RefundInput,
  type ReleasedStock,
  type ReleaseInput,
  type ReleaseRequest,
  type Reservation,
  type ReservationRequest,
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
  type VoidRequest,
  voidCharge,
} from './sagas/gateway-effects.ts';
export { askOrder, type OrderRequest } from './sagas/order-request.ts';
export { orderSaga, SETTLE_WAIT_MS, STOP_WAIT_MS } from './sagas/order-saga.ts';
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
} from './sagas/order-saga-contract.ts';
export { refundSaga } from './sagas/refund-saga.ts';
export type {
  RefundResolution,
  RefundSagaActors,
  RefundSagaContext,
  RefundSagaEvent,
  RefundSagaInput,
  RefundSagaMachine,
  RefundSagaOutput,
  RefundSagaState,
} from './sagas/refund-saga-contract.ts';
export {
  type RestockedItems,
  type RestockRequest,
  type ReturnInput,
  type ReturnSaga,
  returnSaga,
} from './sagas/return-saga.ts';
export { type ShipmentMachine, type ShipmentState, shipmentMachine } from './shipment/shipment.ts';
export type {
  ShipmentCommand,
  ShipmentContext,
  ShipmentFact,
  ShipmentInput,
  ShipmentLabel,
  ShipmentOutput,
} from './shipment/shipment-contract.ts';
export { type StockMachine, type StockState, stockMachine } from './stock/stock.ts';
export {
  type DeliveryFact,
  type LevelFact,
  MAX_EXPIRY_MS,
  MAX_RESERVATIONS,
  type ReservationFact,
  type ReservationName,
  type ReserveRequest,
  type StockCommand,
  type StockContext,
  type StockFact,
  type StockInput,
  type StockQuantity,
  type StockReservation,
} from './stock/stock-contract.ts';
export {
  confirmItems,
  fulfilItems,
  releaseItems,
  reserveItems,
  returnItems,
  STOCK_PREFIX,
  type StockItem,
  type StockRequest,
  skuOf,
  stockId,
} from './stock/stock-requests.ts';
export type { GiveUp, StepEnding, UndoRun } from './waiting-step.ts';
