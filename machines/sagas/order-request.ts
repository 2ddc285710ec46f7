// How a saga speaks to an order: a command, and the order's receipt or refusal as the answer. Both are
// part of the saga's own commit. Never decides what to say.

import { type AskLogic, ask, type EffectError } from 'sagawright';
import type { OrderCommand, OrderState } from '../order/order-contract.ts';

/** A command and the order that it is for. */
export interface OrderRequest {
  readonly orderId: string;
  readonly command: OrderCommand;
}

/** Tells an order something; an order that cannot take it refuses, which is an error event. */
export const askOrder: AskLogic<OrderRequest> = ask(({ orderId, command }) => ({
  to: orderId,
  event: command,
}));

const ENDED_UNCONFIRMED: ReadonlySet<unknown> = new Set<OrderState>([
  'CANCELLED',
  'PAYMENT_FAILED',
  'FAILED',
  'EXPIRED',
]);

/** Whether an order refused a command because it had ended unconfirmed: it needs no cancelling. */
export function hasEndedUnconfirmed({ code, details }: EffectError): boolean {
  const { value } = details as { readonly value?: unknown };
  return code === 'REFUSED' && ENDED_UNCONFIRMED.has(value);
}
