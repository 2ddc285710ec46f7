// Money: exact to the last minor unit whatever is added, divided or taxed, held against plain bigints;
// and refused where it would be negative, mixed, or more than a JSON number holds.

import fc from 'fast-check';
import {
  addMoney,
  allocateMoney,
  CURRENCIES,
  compareMoney,
  formatMoney,
  isCurrency,
  isPercent,
  MoneyError,
  type MoneyErrorCode,
  money,
  multiplyMoney,
  parseMoney,
  percentOf,
  subtractMoney,
  sumMoney,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../unit/seeds.ts';

const MAX = Number.MAX_SAFE_INTEGER;

const amountMinor = fc.oneof(
  fc.nat(100),
  fc.nat(1_000_000),
  fc.maxSafeNat(),
  fc.constantFrom(0, MAX - 1, MAX),
);
const currency = fc.constantFrom(...CURRENCIES);
/** Hundredths of a percent up to a hundred, as decimal text. */
const percent = fc.oneof(
  fc.nat(100).map(String),
  fc
    .tuple(fc.nat(99), fc.integer({ min: 1, max: 6 }), fc.nat(999_999))
    .map(([whole, places, part]) => `${whole}.${String(part).padStart(6, '0').slice(0, places)}`),
);

function codeOf(run: () => unknown): MoneyErrorCode | null {
  try {
    run();
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(MoneyError);
    expect(error).toBeInstanceOf(TypeError);
    return error instanceof MoneyError ? error.code : null;
  }
}

/** How many decimals an amount of the currency is written with. */
function placesOf(code: string): number {
  return formatMoney(money(0, code)).slice(2).length;
}

describe('an amount of money', () => {
  it('is plain JSON: integer minor units and a currency', () => {
    expect(JSON.stringify(money(2_999, 'USD'))).toBe('{"amountMinor":2999,"currency":"USD"}');
    expect(Object.is(money(-0, 'USD').amountMinor, 0)).toBe(true);
  });

  it.each<readonly [unknown, string, MoneyErrorCode]>([
    [0.5, 'USD', 'BAD_AMOUNT'],
    [Number.NaN, 'USD', 'BAD_AMOUNT'],
    ['5', 'USD', 'BAD_AMOUNT'],
    [5n, 'USD', 'BAD_AMOUNT'],
    [-1, 'USD', 'NEGATIVE'],
    [2 ** 53, 'USD', 'TOO_LARGE'],
    [1, 'usd', 'BAD_CURRENCY'],
    [1, 'XXX', 'BAD_CURRENCY'],
    [1, 'MGA', 'BAD_CURRENCY'],
  ])('is never %s %s', (amount, code, refusal) => {
    expect(codeOf(() => money(amount as number, code))).toBe(refusal);
    const forged = { amountMinor: amount as number, currency: code };
    expect(codeOf(() => addMoney(forged, forged))).toBe(refusal);
  });

  it('can be in every decimal currency of ISO 4217, with the decimals that it has', () => {
    expect(CURRENCIES.length).toBeGreaterThan(150);
    expect(['JPY', 'USD', 'KWD', 'CLF'].map(placesOf)).toEqual([0, 2, 3, 4]);
    expect([isCurrency('GBP'), isCurrency('toString'), isCurrency(null)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('an amount that people write', () => {
  it.each<readonly [string, string, number]>([
    ['29.99', 'USD', 2_999],
    ['29.9', 'USD', 2_990],
    ['0.01', 'USD', 1],
    ['500', 'JPY', 500],
    ['1.234', 'KWD', 1_234],
    ['90071992547409.91', 'USD', MAX],
  ])('%s %s is read exactly', (text, code, expected) => {
    expect(parseMoney(text, code)).toEqual({ amountMinor: expected, currency: code });
  });

  it.each<readonly [string, string, MoneyErrorCode]>([
    ['29.999', 'USD', 'BAD_AMOUNT'],
    ['1.0', 'JPY', 'BAD_AMOUNT'],
    ['1.2345', 'KWD', 'BAD_AMOUNT'],
    ['1e3', 'USD', 'BAD_AMOUNT'],
    [' 1', 'USD', 'BAD_AMOUNT'],
    ['', 'USD', 'BAD_AMOUNT'],
    ['.5', 'USD', 'BAD_AMOUNT'],
    ['5.', 'USD', 'BAD_AMOUNT'],
    ['1,000', 'USD', 'BAD_AMOUNT'],
    ['-1', 'USD', 'BAD_AMOUNT'],
    ['007', 'USD', 'BAD_AMOUNT'],
    ['1\n', 'USD', 'BAD_AMOUNT'],
    ['0x10', 'USD', 'BAD_AMOUNT'],
    ['90071992547409.92', 'USD', 'TOO_LARGE'],
    ['9'.repeat(400), 'USD', 'BAD_AMOUNT'],
    ['1', 'XXX', 'BAD_CURRENCY'],
  ])('%j %s is refused', (text, code, refusal) => {
    expect(codeOf(() => parseMoney(text, code))).toBe(refusal);
  });

  it('is refused when it comes as a number, which may have lost its cents', () => {
    expect(codeOf(() => parseMoney(29.99 as unknown as string, 'USD'))).toBe('BAD_AMOUNT');
  });

  it('is written as it was read, in every currency', () => {
    checkProperty(
      fc.property(amountMinor, currency, (amount, code) => {
        const text = formatMoney(money(amount, code));
        expect(text.replace('.', '').replace(/^0+(?=\d)/, '')).toBe(String(amount));
        expect(parseMoney(text, code)).toEqual(money(amount, code));
      }),
      400,
    );
  });
});

describe('the arithmetic of money', () => {
  it('knows no floats: 0.10 and 0.20 are 0.30', () => {
    const sum = addMoney(parseMoney('0.10', 'USD'), parseMoney('0.20', 'USD'));
    expect(formatMoney(sum)).toBe('0.30');
    expect(compareMoney(sum, parseMoney('0.30', 'USD'))).toBe(0);
  });

  it('takes away what it has added, and refuses what is beyond the largest integer', () => {
    checkProperty(
      fc.property(amountMinor, amountMinor, currency, (left, right, code) => {
        const [first, second] = [money(left, code), money(right, code)];
        if (BigInt(left) + BigInt(right) > BigInt(MAX)) {
          expect(codeOf(() => addMoney(first, second))).toBe('TOO_LARGE');
          return;
        }
        const sum = addMoney(first, second);
        expect(BigInt(sum.amountMinor)).toBe(BigInt(left) + BigInt(right));
        expect(subtractMoney(sum, second)).toEqual(first);
      }),
      400,
    );
  });

  it('never takes more than there is', () => {
    expect(codeOf(() => subtractMoney(money(1, 'USD'), money(2, 'USD')))).toBe('NEGATIVE');
    expect(subtractMoney(money(2, 'USD'), money(2, 'USD'))).toEqual(money(0, 'USD'));
  });

  it('compares as integers compare, so that a list can be sorted', () => {
    checkProperty(
      fc.property(fc.array(amountMinor, { minLength: 1 }), (amounts) => {
        const sorted = amounts.map((amount) => money(amount, 'GBP')).sort(compareMoney);
        expect(sorted.map((each) => each.amountMinor)).toEqual(
          amounts.toSorted((left, right) => left - right),
        );
      }),
    );
  });

  it('multiplies by a number of pieces', () => {
    checkProperty(
      fc.property(amountMinor, fc.integer({ min: 1, max: 1_000_000 }), (price, quantity) => {
        const exact = BigInt(price) * BigInt(quantity);
        const multiply = () => multiplyMoney(money(price, 'USD'), quantity);
        if (exact > BigInt(MAX)) expect(codeOf(multiply)).toBe('TOO_LARGE');
        else expect(BigInt(multiply().amountMinor)).toBe(exact);
      }),
      400,
    );
    for (const quantity of [0, -1, 1.5, Number.NaN]) {
      expect(codeOf(() => multiplyMoney(money(1, 'USD'), quantity))).toBe('BAD_QUANTITY');
    }
  });

  it('adds up a list, and an empty one to nothing', () => {
    expect(sumMoney([], 'JPY')).toEqual(money(0, 'JPY'));
    expect(sumMoney([money(1, 'USD'), money(2, 'USD')], 'USD')).toEqual(money(3, 'USD'));
    expect(codeOf(() => sumMoney([money(1, 'USD')], 'EUR'))).toBe('MIXED_CURRENCIES');
    expect(codeOf(() => sumMoney([money(MAX, 'USD'), money(1, 'USD')], 'USD'))).toBe('TOO_LARGE');
  });

  it('never mixes two currencies', () => {
    const [pounds, euros] = [money(1, 'GBP'), money(1, 'EUR')];
    for (const mix of [addMoney, subtractMoney, compareMoney]) {
      expect(codeOf(() => mix(pounds, euros))).toBe('MIXED_CURRENCIES');
    }
  });
});

describe('a percentage', () => {
  /** Half of a minor unit goes up: by integers alone. */
  function computeExactly(amount: number, text: string): bigint {
    const [whole = '', decimals = ''] = text.split('.');
    const scale = 100n * 10n ** BigInt(decimals.length);
    return (2n * BigInt(amount) * BigInt(whole + decimals) + scale) / (2n * scale);
  }

  it('is rounded once, to the nearest minor unit, and half of one upwards', () => {
    expect(percentOf(money(250, 'USD'), '1').amountMinor).toBe(3);
    expect(percentOf(money(350, 'USD'), '1').amountMinor).toBe(4);
    expect(percentOf(money(249, 'USD'), '1').amountMinor).toBe(2);
    expect(percentOf(money(1_000, 'USD'), '12.5').amountMinor).toBe(125);
    expect(percentOf(money(50, 'JPY'), '1').amountMinor).toBe(1);
  });

  it('is what integers of any size say it is, and never more than the amount', () => {
    checkProperty(
      fc.property(amountMinor, percent, currency, (amount, text, code) => {
        const part = percentOf(money(amount, code), text);
        expect(BigInt(part.amountMinor)).toBe(computeExactly(amount, text));
        expect(part.amountMinor).toBeLessThanOrEqual(amount);
      }),
      500,
    );
  });

  it.each(['', '-1', '100.1', '101', '1e1', '05', ' 5', '5%', '.5', '5.', '1.1234567', 12.5, null])(
    'cannot be %j',
    (text) => {
      expect(isPercent(text)).toBe(false);
      expect(codeOf(() => percentOf(money(100, 'USD'), text as string))).toBe('BAD_PERCENT');
    },
  );

  it.each(['0', '0.0', '7', '19.6', '99.999999', '100', '100.000'])('can be %s', (text) => {
    expect(isPercent(text)).toBe(true);
  });
});

describe('an allocation', () => {
  it('gives what does not divide to the largest ratio first, to equal ones in their order', () => {
    const minors = (amount: number, ratios: readonly number[]): readonly number[] =>
      allocateMoney(money(amount, 'USD'), ratios).map((part) => part.amountMinor);
    expect(minors(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(minors(101, [1, 1, 1])).toEqual([34, 34, 33]);
    expect(minors(101, [1, 3, 0])).toEqual([25, 76, 0]);
    expect(minors(5, [30, 70])).toEqual([1, 4]);
    expect(
      minors(
        1,
        Array.from({ length: 40 }, () => 1),
      ).indexOf(1),
    ).toBe(0);
  });

  it('loses no minor unit and puts no part more than one off', () => {
    const ratio = fc.oneof(fc.nat(10), fc.maxSafeNat());
    const ratios = fc
      .array(ratio, { minLength: 1, maxLength: 20 })
      .filter((all) => all.some(Boolean));
    checkProperty(
      fc.property(amountMinor, ratios, (amount, shares) => {
        const parts = allocateMoney(money(amount, 'EUR'), shares);
        expect(sumMoney(parts, 'EUR')).toEqual(money(amount, 'EUR'));
        const all = shares.reduce((sum, share) => sum + BigInt(share), 0n);
        for (const [index, part] of parts.entries()) {
          const ideal = BigInt(amount) * BigInt(shares[index] ?? 0);
          const off = BigInt(part.amountMinor) * all - ideal;
          expect(off > -all && off <= all).toBe(true);
          if (shares[index] === 0) expect(part.amountMinor).toBe(0);
        }
      }),
      400,
    );
  });

  it.each([[[]], [[0, 0]], [[1, -1]], [[0.5]], [[Number.NaN]]])('has no ratios %j', (ratios) => {
    expect(codeOf(() => allocateMoney(money(1, 'USD'), ratios))).toBe('BAD_RATIOS');
  });
});
