// A cart to test with, and what it can be told, its time to live among it. Checks nothing.

import { type CartCommand, type CartInput, type CartRules, cartMachine } from 'sagawright/machines';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';

export type Cart = SnapshotFrom<typeof cartMachine>;

export const rules: CartRules = {
  taxPercent: '7.25',
  isShippingTaxed: false,
  shippingMinor: 500,
  freeShippingFromMinor: 10_000,
};
export const input: CartInput = {
  cartId: 'cart-17850',
  customerId: '17850',
  currency: 'USD',
  rules,
  ttlMs: 60_000,
  maxItems: 3,
  maxQuantity: 100,
};

export const add = (sku: string, quantity: number, unitPriceMinor: number): CartCommand => ({
  type: 'cart.addItem',
  sku,
  quantity,
  unitPriceMinor,
});
export const setQuantity = (sku: string, quantity: number): CartCommand => ({
  type: 'cart.setQuantity',
  sku,
  quantity,
});
export const remove = (sku: string): CartCommand => ({ type: 'cart.removeItem', sku });
export const checkout: CartCommand = { type: 'cart.checkout', orderId: 'order-1' };
export const recover: CartCommand = { type: 'cart.recover' };

type Waiting = 'EMPTY' | 'FILLED' | 'ABANDONED';

/** The time to live, as XState says in which state it has passed. */
export function pass(state: Waiting): { readonly type: `xstate.after.ttl.cart.${Waiting}` } {
  return { type: `xstate.after.ttl.cart.${state}` };
}

export type Step = CartCommand | ReturnType<typeof pass>;

export function createEmpty(given: Partial<CartInput> = {}): Cart {
  return initialTransition(cartMachine, { ...input, ...given })[0];
}

export function tell(cart: Cart, ...steps: readonly Step[]): Cart {
  return steps.reduce(
    (state, step) => transition(cartMachine, state, step as CartCommand)[0],
    cart,
  );
}
