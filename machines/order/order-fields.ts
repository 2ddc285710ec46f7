// What an order can be run with: the check of its fields, each named when it does not hold. The sagas
// check the part that they are given by the same rules. Never decides what an order does.

import {
  isDuration,
  isOrderId,
  isPositiveInteger,
  isQuantity,
  isSku,
  isText,
} from '../identifiers.ts';
import { createFieldCheck, type FieldCheck } from '../input-check.ts';
import { isCurrency, isPercent } from '../money.ts';
import type { OrderInput, OrderItem, ShippingAddress } from './order-contract.ts';

/** Bounds the row of one order. */
const MAX_ORDER_ITEMS = 10_000;

/** What every order has, and what it may have. */
type OrderFields = Pick<OrderInput, 'orderId' | 'currency' | 'totalMinor' | 'items'> &
  Partial<OrderInput>;

/**
 * Passes the fields of an order that can be run.
 * @throws TypeError naming the field, what was expected and what came
 */
export function checkOrderFields(what: string, fields: OrderFields): void {
  const expect = createFieldCheck(what);
  const { orderId, currency, totalMinor, items } = fields;
  expect(isOrderId(orderId), 'orderId', "the order's id", orderId);
  expect(isCurrency(currency), 'currency', 'three capital letters such as GBP', currency);
  expect(isPositiveInteger(totalMinor), 'totalMinor', 'a positive integer of pence', totalMinor);
  const isBounded = Array.isArray(items) && items.length <= MAX_ORDER_ITEMS;
  expect(isBounded, 'items', `an array of at most ${MAX_ORDER_ITEMS}`, items?.length);
  items.forEach((item, index) => {
    const isItem = isSku(item?.sku) && isQuantity(item.quantity);
    expect(isItem, `items[${index}]`, 'a sku and a positive integer quantity', item);
    checkAmount(expect, `items[${index}].unitPriceMinor`, item.unitPriceMinor);
  });
  checkAmount(expect, 'taxMinor', fields.taxMinor);
  checkAmount(expect, 'shippingMinor', fields.shippingMinor);
  checkTerms(expect, fields);
}

/**
 * Passes a total that is what its parts add up to, where all of them are known.
 * @throws TypeError naming what was expected and what came
 */
export function checkOrderTotal(
  what: string,
  { totalMinor, taxMinor = 0, shippingMinor = 0, items }: OrderFields,
): void {
  if (items.length === 0 || items.some((item) => item.unitPriceMinor === undefined)) return;
  const extras = BigInt(taxMinor) + BigInt(shippingMinor);
  const sum = items.reduce((total, item) => total + priceOf(item), extras);
  const expected = `${sum}, the prices of its items with tax and shipping`;
  createFieldCheck(what)(sum === BigInt(totalMinor), 'totalMinor', expected, totalMinor);
}

/** A product of two safe integers need not be one. */
function priceOf({ quantity, unitPriceMinor = 0 }: OrderItem): bigint {
  return BigInt(quantity) * BigInt(unitPriceMinor);
}

function checkTerms(expect: FieldCheck, fields: Partial<OrderInput>): void {
  const { customerId = null, shippingAddress, cancellation } = fields;
  const { expiresAfterMs = null, returnWindowMs = 1 } = fields;
  const isCustomer = customerId === null || isText(customerId);
  expect(isCustomer, 'customerId', 'a text or null', customerId);
  const isExpiry = expiresAfterMs === null || isDuration(expiresAfterMs);
  const expiry = 'a positive integer or null, at most a century';
  expect(isExpiry, 'expiresAfterMs', expiry, expiresAfterMs);
  const isWindow = isDuration(returnWindowMs);
  expect(isWindow, 'returnWindowMs', 'a positive integer, at most a century', returnWindowMs);
  if (cancellation !== undefined) {
    const percent: unknown = cancellation?.feePercent;
    const expected = "a percentage as text, '0' to '100'";
    expect(isPercent(percent), 'cancellation.feePercent', expected, percent);
  }
  if (shippingAddress !== undefined) checkAddress(expect, shippingAddress);
}

function checkAddress(expect: FieldCheck, address: ShippingAddress): void {
  expect(typeof address === 'object' && address !== null, 'shippingAddress', 'an object', address);
  const { name = '-', street, city, state = '-', postalCode = '-', country } = address;
  for (const [field, value] of Object.entries({ name, street, city, state, postalCode, country })) {
    expect(isText(value), `shippingAddress.${field}`, 'a text', value);
  }
}

function checkAmount(expect: FieldCheck, field: string, amountMinor: number | undefined): void {
  const isAmount = amountMinor === undefined || amountMinor === 0 || isPositiveInteger(amountMinor);
  expect(isAmount, field, 'an integer of 0 and above', amountMinor);
}
