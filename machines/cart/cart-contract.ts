// What a cart is told, what it tells, and what it remembers: the words that the cart and its readers
// share. Prices are in integer minor units of one currency. Never holds behaviour beyond checking what
// a cart is started with.

import { isPositiveInteger, isText, MAX_QUANTITY } from '../identifiers.ts';
import { createFieldCheck } from '../input-check.ts';
import { isCurrency, isPercent } from '../money.ts';

/** How the price of a cart is made from its items. Configuration, fixed when the cart is started. */
export interface CartRules {
  /** On the items, and on shipping if that is taxed: `'20'`, `'7.25'`; `'0'` for none. */
  readonly taxPercent: string;
  readonly isShippingTaxed: boolean;
  /** What shipping costs, however much is shipped; 0 or more. */
  readonly shippingMinor: number;
  /** Items for this much, before tax, are shipped for nothing; null: never. */
  readonly freeShippingFromMinor: number | null;
}

/** What a cart is started with. */
export interface CartInput {
  /** The cart's own address: `cart-<user>`. */
  readonly cartId: string;
  /** Null for a guest. */
  readonly customerId: string | null;
  /** ISO 4217; the prices of all items are in it. */
  readonly currency: string;
  readonly rules: CartRules;
  /** How long it waits for its next change; default a week, at most a year. */
  readonly ttlMs?: number;
  /** Most different products, up to `MAX_CART_ITEMS`, which is the default. */
  readonly maxItems?: number;
  /** Most pieces of one product; default a million. */
  readonly maxQuantity?: number;
}

/** Pieces of one product, each at the price of the last time some were added. */
export interface CartLine {
  readonly quantity: number;
  readonly unitPriceMinor: number;
}

export interface CartItem extends CartLine {
  readonly sku: string;
}

/** What the customer pays, part by part. */
export interface CartTotals {
  readonly subtotalMinor: number;
  readonly shippingMinor: number;
  readonly taxMinor: number;
  /** The three above, together. */
  readonly totalMinor: number;
}

export interface CartContext extends Required<CartInput> {
  /** By their SKUs. */
  readonly items: Readonly<Record<string, CartLine>>;
  /** The order that it became. */
  readonly orderId: string | null;
}

/** What a cart can be told. It refuses what does not fit its state or goes beyond its bounds. */
export type CartCommand =
  /** Quantities add up; the newest price is that of all pieces. */
  | ({ readonly type: 'cart.addItem' } & CartItem)
  /** Of an item that is there; 0 removes it. */
  | { readonly type: 'cart.setQuantity'; readonly sku: string; readonly quantity: number }
  | { readonly type: 'cart.removeItem'; readonly sku: string }
  /** Once, and not when it is empty. */
  | { readonly type: 'cart.checkout'; readonly orderId: string }
  /** Takes up an abandoned cart again. */
  | { readonly type: 'cart.recover' };

/** What an order is made of: prices, taxes and shipping as they were at that moment. */
export interface CartCheckout {
  readonly cartId: string;
  readonly customerId: string | null;
  readonly orderId: string;
  readonly currency: string;
  readonly items: readonly CartItem[];
  readonly totals: CartTotals;
}

/** What has happened to a cart, for whoever listens. */
export type CartFact =
  /** `quantity` pieces more. */
  | ({ readonly type: 'cart.itemAdded'; readonly cartId: string } & CartItem)
  | {
      readonly type: 'cart.quantityChanged';
      readonly cartId: string;
      readonly sku: string;
      readonly quantity: number;
    }
  | { readonly type: 'cart.itemRemoved'; readonly cartId: string; readonly sku: string }
  | {
      readonly type: 'cart.abandoned';
      readonly cartId: string;
      readonly items: readonly CartItem[];
      readonly totals: CartTotals;
    }
  | { readonly type: 'cart.recovered'; readonly cartId: string }
  | { readonly type: 'cart.expired'; readonly cartId: string }
  | ({ readonly type: 'cart.checkedOut' } & CartCheckout);

/** How a cart ended. */
export type CartOutput =
  | ({ readonly outcome: 'CHECKED_OUT' } & CartCheckout)
  | { readonly outcome: 'EXPIRED'; readonly cartId: string };

/** How long a cart waits for its next change, where nothing else is configured: a week. */
export const CART_TTL_MS: number = 7 * 24 * 60 * 60 * 1_000;
/** Longest time to live: a year, like that of a reservation. */
const MAX_TTL_MS = 365 * 24 * 60 * 60 * 1_000;
/** Bounds the row of one cart, which is rewritten at each change. */
export const MAX_CART_ITEMS = 500;
/** Bounds what items cost, and shipping: with tax on both, a cart is far below the largest integer. */
export const MAX_SUBTOTAL_MINOR = 1_000_000_000_000_000;

/** @throws TypeError for an input that is no cart, naming the field, what was expected and what came */
export function createCart(input: CartInput): CartContext {
  const expect = createFieldCheck('cart');
  const { cartId, customerId, currency, rules } = input;
  const { ttlMs = CART_TTL_MS, maxItems = MAX_CART_ITEMS, maxQuantity = MAX_QUANTITY } = input;
  expect(isText(cartId), 'cartId', "the cart's id", cartId);
  expect(customerId === null || isText(customerId), 'customerId', 'an id or null', customerId);
  expect(isCurrency(currency), 'currency', 'an ISO 4217 code such as GBP', currency);
  const isTtl = isPositiveInteger(ttlMs) && ttlMs <= MAX_TTL_MS;
  const isBounded = isPositiveInteger(maxItems) && maxItems <= MAX_CART_ITEMS;
  expect(isTtl, 'ttlMs', `an integer from 1 to ${MAX_TTL_MS}`, ttlMs);
  expect(isBounded, 'maxItems', `an integer from 1 to ${MAX_CART_ITEMS}`, maxItems);
  expect(isPositiveInteger(maxQuantity), 'maxQuantity', 'a positive integer', maxQuantity);
  expect(typeof rules === 'object' && rules !== null, 'rules', 'the rules of its price', rules);
  const { taxPercent, isShippingTaxed, shippingMinor, freeShippingFromMinor: freeFrom } = rules;
  const amount = `an integer from 0 to ${MAX_SUBTOTAL_MINOR}`;
  const isFree = freeFrom === null || isAmount(freeFrom);
  expect(isPercent(taxPercent), 'rules.taxPercent', "decimal text such as '7.25'", taxPercent);
  expect(
    typeof isShippingTaxed === 'boolean',
    'rules.isShippingTaxed',
    'true or false',
    isShippingTaxed,
  );
  expect(isAmount(shippingMinor), 'rules.shippingMinor', amount, shippingMinor);
  expect(isFree, 'rules.freeShippingFromMinor', `${amount}, or null`, freeFrom);
  const limits = { ttlMs, maxItems, maxQuantity };
  return { cartId, customerId, currency, rules, ...limits, items: {}, orderId: null };
}

function isAmount(value: unknown): boolean {
  return value === 0 || (isPositiveInteger(value) && value <= MAX_SUBTOTAL_MINOR);
}
