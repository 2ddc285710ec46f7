// What names and counts things in the trade: ids of orders, SKUs, quantities, each a type of its own
// that one validator mints. They end up in addresses of actors (`stock-85123A`) and as members of
// objects, so what those could not carry is refused here. Never knows what an order or a stock is.

declare const brand: unique symbol;
type Brand<Name extends string> = { readonly [brand]: Name };

/** The id of an order, which is also the address that it is started under. */
export type OrderId = string & Brand<'OrderId'>;
/** A stock-keeping unit: what the trade calls one kind of product. */
export type Sku = string & Brand<'Sku'>;
/** How many pieces: a positive integer up to the maximum it was checked against. */
export type Quantity = number & Brand<'Quantity'>;

/** Most pieces of one product, where nothing else is configured. */
export const MAX_QUANTITY = 1_000_000;
/** Longest id or SKU, in UTF-16 code units; an address has room for it and a prefix. */
export const MAX_NAME_LENGTH = 200;

/** A positive safe integer: an amount of money that moves, a number of pieces. */
export function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

/** A century: the moment at which a longer time is over may be no integer any more. */
const MAX_DURATION_MS = 100 * 366 * 24 * 60 * 60 * 1_000;

/** Milliseconds that can be waited for: a positive integer, at most a century. */
export function isDuration(value: unknown): value is number {
  return isPositiveInteger(value) && value <= MAX_DURATION_MS;
}

/** A text with something to read in it. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** A text under which something can be kept in an object: one name is not a member like the others. */
export function isKey(value: unknown): value is string {
  return isText(value) && value !== '__proto__';
}

export function isOrderId(value: unknown): value is OrderId {
  return isName(value);
}

export function isSku(value: unknown): value is Sku {
  return isName(value);
}

/** @param maximum Most pieces that are allowed; a positive integer. */
export function isQuantity(value: unknown, maximum: number = MAX_QUANTITY): value is Quantity {
  return isPositiveInteger(value) && value <= maximum;
}

/** @throws TypeError for a value that cannot be the id of an order */
export function toOrderId(value: unknown): OrderId {
  if (isOrderId(value)) return value;
  throw new TypeError(`Expected the id of an order to be ${NAME}, got ${inWords(value)}.`);
}

/** @throws TypeError for a value that cannot be a SKU */
export function toSku(value: unknown): Sku {
  if (isSku(value)) return value;
  throw new TypeError(`Expected a SKU to be ${NAME}, got ${inWords(value)}.`);
}

/**
 * @param maximum Most pieces that are allowed; a positive integer.
 * @throws TypeError for zero, a negative number, a fraction, too many, or no number
 */
export function toQuantity(value: unknown, maximum: number = MAX_QUANTITY): Quantity {
  if (isQuantity(value, maximum)) return value;
  throw new TypeError(
    `Expected a quantity to be an integer from 1 to ${maximum}, got ${inWords(value)}.`,
  );
}

const NAME = `a text of 1 to ${MAX_NAME_LENGTH} characters without "/" and control characters`;

/** What can be a part of an actor's address: slashes address children there. */
function isName(value: unknown): boolean {
  if (!isKey(value) || value.length > MAX_NAME_LENGTH || !value.isWellFormed()) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused here
  return !/[/\u0000-\u001f\u007f]/.test(value);
}

/** A value in an error's text: texts are told from numbers, and no number is lost as JSON loses NaN. */
export function inWords(value: unknown): string {
  return typeof value === 'string' || typeof value === 'object'
    ? JSON.stringify(value)
    : String(value);
}
