// Money: integer minor units of one currency, exact to the last one. dinero.js does the arithmetic on
// bigints; this file alone knows that, and keeps both ends within what JSON carries as a number. Never
// negative, never a float, never two currencies in one sum.

import {
  add,
  allocate,
  compare,
  type Dinero,
  type DineroCurrency,
  dinero,
  halfUp,
  multiply,
  subtract,
  toDecimal,
  toSnapshot,
  transformScale,
} from 'dinero.js/bigint';
import * as currencies from 'dinero.js/bigint/currencies';
import { inWords, isPositiveInteger } from './identifiers.ts';

/** An amount: plain JSON, as charges and refunds carry it. */
export interface Money {
  /** Integer minor units (cents, pence, yen), from 0 to 2^53 - 1. */
  readonly amountMinor: number;
  /** ISO 4217: three capital letters. */
  readonly currency: string;
}

export type MoneyErrorCode =
  | 'BAD_AMOUNT'
  | 'BAD_CURRENCY'
  | 'BAD_PERCENT'
  | 'BAD_QUANTITY'
  | 'BAD_RATIOS'
  | 'MIXED_CURRENCIES'
  | 'NEGATIVE'
  | 'TOO_LARGE';

/** What is no money, or cannot be computed: a mistake of the caller's, never of the customer's. */
export class MoneyError extends TypeError {
  readonly code: MoneyErrorCode;

  constructor(code: MoneyErrorCode, message: string) {
    super(message);
    this.name = 'MoneyError';
    this.code = code;
  }
}

/** Ariary and ouguiya come in fifths: an amount of them has no decimals to be written with. */
const DECIMAL_CURRENCIES: ReadonlyMap<string, DineroCurrency<bigint>> = new Map(
  Object.values(currencies)
    .filter(({ base }) => base === 10n)
    .map((currency) => [currency.code, currency]),
);

/** Every currency that an amount can be in, by its ISO 4217 code. */
export const CURRENCIES: readonly string[] = [...DECIMAL_CURRENCIES.keys()];

export function isCurrency(value: unknown): value is string {
  return typeof value === 'string' && DECIMAL_CURRENCIES.has(value);
}

/** At most 16 digits: 2^53 has no more, and a bigint of a long text takes time. */
const DECIMAL = /^(0|[1-9]\d{0,15})(?:\.(\d{1,4}))?$/;
/** A decimal from 0 to 100 with up to six decimals. */
const PERCENT = /^(?:100(?:\.(0{1,6}))?|(?:0|[1-9]\d?)(?:\.(\d{1,6}))?)$/;

/** A percentage as decimal text, `'0'` to `'100'`: `'12.5'`, with at most six decimals. */
export function isPercent(value: unknown): value is string {
  return typeof value === 'string' && PERCENT.test(value);
}

/**
 * An amount in minor units: `money(2_999, 'USD')`.
 * @throws MoneyError `BAD_AMOUNT`, `NEGATIVE`, `TOO_LARGE`, `BAD_CURRENCY`
 */
export function money(amountMinor: number, currency: string): Money {
  return fromDinero(toDinero({ amountMinor, currency }));
}

/**
 * An amount as people write it, exactly: `parseMoney('29.99', 'USD')`. Plain digits with a point; more
 * decimals than the currency has are refused, not rounded.
 * @throws MoneyError `BAD_AMOUNT`, `TOO_LARGE`, `BAD_CURRENCY`
 */
export function parseMoney(text: string, currency: string): Money {
  const places = Number(currencyOf(currency).exponent);
  const [, whole, decimals = ''] = (typeof text === 'string' ? DECIMAL.exec(text) : null) ?? [];
  if (whole === undefined || decimals.length > places) {
    throw new MoneyError(
      'BAD_AMOUNT',
      `Expected digits with at most ${places} decimals of ${currency}, got ${inWords(text)}.`,
    );
  }
  return toMoney(BigInt(whole + decimals.padEnd(places, '0')), currency);
}

/**
 * The amount with all decimals that its currency has, without the currency: `'29.99'`, `'30'` for yen.
 * What {@link parseMoney} takes.
 * @throws MoneyError for what is no money
 */
export function formatMoney(amount: Money): string {
  return toDecimal(toDinero(amount));
}

/** @throws MoneyError `MIXED_CURRENCIES`, `TOO_LARGE` */
export function addMoney(augend: Money, addend: Money): Money {
  return fromDinero(add(...inOneCurrency(augend, addend)));
}

/** @throws MoneyError `MIXED_CURRENCIES`; `NEGATIVE` when more is taken than there is */
export function subtractMoney(minuend: Money, subtrahend: Money): Money {
  return fromDinero(subtract(...inOneCurrency(minuend, subtrahend)));
}

/**
 * -1 when the first is less, 1 when it is more, 0 when they are equal: for sorting, too.
 * @throws MoneyError `MIXED_CURRENCIES`
 */
export function compareMoney(first: Money, second: Money): -1 | 0 | 1 {
  return compare(...inOneCurrency(first, second));
}

/**
 * The price of so many pieces.
 * @param quantity A positive integer.
 * @throws MoneyError `BAD_QUANTITY`, `TOO_LARGE`
 */
export function multiplyMoney(unitPrice: Money, quantity: number): Money {
  if (!isPositiveInteger(quantity)) {
    const got = inWords(quantity);
    throw new MoneyError('BAD_QUANTITY', `Expected a positive integer to multiply by, got ${got}.`);
  }
  return fromDinero(multiply(toDinero(unitPrice), BigInt(quantity)));
}

/**
 * So many hundredths of an amount: `percentOf(price, '12.5')`. Rounded once, to the nearest minor unit,
 * and half of one upwards: the rule of HMRC (VATREC12030) and of Regulation (EC) 1103/97. Never more
 * than the amount.
 * @param percent Decimal text, see {@link isPercent}: a float has lost what it was before it comes.
 * @throws MoneyError `BAD_PERCENT`
 */
export function percentOf(amount: Money, percent: string): Money {
  if (!isPercent(percent)) {
    const got = inWords(percent);
    throw new MoneyError('BAD_PERCENT', `Expected a percentage such as '12.5', got ${got}.`);
  }
  const [whole = '', decimals = ''] = percent.split('.');
  const scale = BigInt(decimals.length + 2);
  const exact = multiply(toDinero(amount), { amount: BigInt(whole + decimals), scale });
  return fromDinero(transformScale(exact, currencyOf(amount.currency).exponent, halfUp));
}

/**
 * Divides an amount by ratios and loses no cent: `allocateMoney(price, [50, 30, 20])`. What does not
 * divide goes out in single minor units, the largest ratio first, equal ones in their order; no part
 * is more than one minor unit off.
 * @param ratios Integers of 0 and above; one of them at least is not 0.
 * @throws MoneyError `BAD_RATIOS`
 */
export function allocateMoney(amount: Money, ratios: readonly number[]): readonly Money[] {
  const areRatios = ratios.every((ratio) => ratio === 0 || isPositiveInteger(ratio));
  if (!areRatios || ratios.every((ratio) => ratio === 0)) {
    throw new MoneyError(
      'BAD_RATIOS',
      `Expected integers of 0 and above, not all of them 0, got ${inWords(ratios)}.`,
    );
  }
  return allocate(toDinero(amount), ratios.map(BigInt)).map(fromDinero);
}

/**
 * The sum of a list; of an empty one it is nothing, in the currency that is given.
 * @throws MoneyError `MIXED_CURRENCIES`, `TOO_LARGE`
 */
export function sumMoney(amounts: readonly Money[], currency: string): Money {
  return amounts.reduce(addMoney, money(0, currency));
}

function currencyOf(code: string): DineroCurrency<bigint> {
  const currency = DECIMAL_CURRENCIES.get(code);
  if (currency !== undefined) return currency;
  const got = inWords(code);
  throw new MoneyError('BAD_CURRENCY', `Expected a decimal currency of ISO 4217, got ${got}.`);
}

/** Everything that comes in passes here. */
function toDinero({ amountMinor, currency }: Money): Dinero<bigint> {
  if (!Number.isInteger(amountMinor)) {
    const got = inWords(amountMinor);
    throw new MoneyError('BAD_AMOUNT', `Expected an integer of minor units, got ${got}.`);
  }
  const amount = BigInt(amountMinor);
  checkBounds(amount, currency);
  return dinero({ amount, currency: currencyOf(currency) });
}

/** Everything that goes out passes here. */
function toMoney(amount: bigint, currency: string): Money {
  checkBounds(amount, currency);
  return { amountMinor: Number(amount), currency };
}

function fromDinero(result: Dinero<bigint>): Money {
  const { amount, currency } = toSnapshot(result);
  return toMoney(amount, currency.code);
}

function checkBounds(amount: bigint, currency: string): void {
  if (amount < 0n) {
    throw new MoneyError('NEGATIVE', `Expected no less than 0 ${currency}, got ${amount}.`);
  }
  if (amount > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new MoneyError('TOO_LARGE', `Expected less than 2^53 minor units, got ${amount}.`);
  }
}

function inOneCurrency(first: Money, second: Money): [Dinero<bigint>, Dinero<bigint>] {
  if (first.currency !== second.currency) {
    throw new MoneyError(
      'MIXED_CURRENCIES',
      `Expected amounts in one currency, got ${first.currency} and ${second.currency}.`,
    );
  }
  return [toDinero(first), toDinero(second)];
}
