// What the items of a cart cost, with shipping and tax: pure functions of its context, in the money of
// machines/money.ts. Never changes a cart.

import {
  addMoney,
  compareMoney,
  type Money,
  money,
  multiplyMoney,
  percentOf,
  sumMoney,
} from '../money.ts';
import {
  type CartContext,
  type CartItem,
  type CartTotals,
  MAX_SUBTOTAL_MINOR,
} from './cart-contract.ts';

export function listItems(items: CartContext['items']): readonly CartItem[] {
  return Object.entries(items).map(([sku, line]) => ({ sku, ...line }));
}

/** Whether items cost so little that no total of them can go beyond the largest integer. */
export function isWithinSubtotal(items: CartContext['items']): boolean {
  const subtotalMinor = Object.values(items).reduce(
    (sum, line) => sum + BigInt(line.quantity) * BigInt(line.unitPriceMinor),
    0n,
  );
  return subtotalMinor <= BigInt(MAX_SUBTOTAL_MINOR);
}

/**
 * What a customer pays for a cart. The tax is rounded once, on the whole of what is taxed: rounded by
 * line, two carts of the same price could be taxed differently. An empty cart costs nothing.
 */
export function computeCartTotals({
  currency,
  rules,
  items,
}: Pick<CartContext, 'currency' | 'rules' | 'items'>): CartTotals {
  const lines = Object.values(items).map(({ unitPriceMinor, quantity }) =>
    multiplyMoney(money(unitPriceMinor, currency), quantity),
  );
  const subtotal = sumMoney(lines, currency);
  const isShipped = lines.length > 0 && !isShippedFree(subtotal, rules.freeShippingFromMinor);
  const shipping = money(isShipped ? rules.shippingMinor : 0, currency);
  const taxed = rules.isShippingTaxed ? addMoney(subtotal, shipping) : subtotal;
  const tax = percentOf(taxed, rules.taxPercent);
  return {
    subtotalMinor: subtotal.amountMinor,
    shippingMinor: shipping.amountMinor,
    taxMinor: tax.amountMinor,
    totalMinor: sumMoney([subtotal, shipping, tax], currency).amountMinor,
  };
}

function isShippedFree(subtotal: Money, fromMinor: number | null): boolean {
  return fromMinor !== null && compareMoney(subtotal, money(fromMinor, subtotal.currency)) >= 0;
}
