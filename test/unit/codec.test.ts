// The boundary to JSON: what it takes comes back the same, what JSON would change it refuses with the
// path, and what needs no change is not copied.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, copyJson, decode, encode, refuseMarkers, toPlain } from '../../src/codec.ts';
import { checkProperty } from './seeds.ts';

const LIMITS = { depth: 20, length: 100_000 };

const memberName = fc
  .string({ unit: 'grapheme', maxLength: 5 })
  .filter((name) => name !== '__proto__');

/** JSON with everything that is allowed beside it: `undefined` members and minus zero. */
const acceptable: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter(isExact),
    fc.constant(-0),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(memberName, fc.option(tie('value'), { nil: undefined }), {
      maxKeys: 4,
      noNullPrototype: false,
    }),
  ),
})).value;

/** Integers beyond 2^53 are refused: they are most likely ids that have lost their last digits. */
function isExact(value: number): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

/** What JSON changes or refuses, and the kind of it. */
const unacceptable: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.constantFrom<unknown>(2 ** 53, -(2 ** 53), 2 ** 64, 1e21),
  fc.constantFrom<unknown>(10n, Symbol('s'), () => undefined, 'a\ud800', '\udc00'),
  fc.constantFrom<unknown>(
    new Date(0),
    new Map(),
    new Set(),
    /x/,
    new Error('e'),
    new URL('http://x'),
  ),
  fc.constantFrom<unknown>(
    new Uint8Array(2),
    new WeakMap(),
    Promise.resolve(),
    Object.create({ a: 1 }),
  ),
);

/** A refused value somewhere inside of accepted ones, with its path as the codec writes it. */
const planted: fc.Arbitrary<{ readonly value: unknown; readonly path: string }> = fc
  .tuple(
    unacceptable,
    fc.array(fc.oneof(fc.nat({ max: 3 }), memberName.filter(Boolean)), { maxLength: 5 }),
  )
  .map(([bad, steps]) => {
    let value = bad;
    for (const step of steps.toReversed()) {
      value =
        typeof step === 'number'
          ? [...Array<number>(step).fill(0), value]
          : { first: 1, [step]: value };
    }
    const path = steps
      .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
      .join('');
    return { value, path: `event${path}` };
  });

function refusal(value: unknown): unknown {
  try {
    toPlain(value, 'event', LIMITS);
  } catch (error) {
    return error;
  }
  return null;
}

describe('a value at the boundary', () => {
  it('that is taken is in memory what JSON would give back', () => {
    checkProperty(
      fc.property(acceptable, (value) => {
        const plain = toPlain(value, 'event', LIMITS);
        expect(plain).toStrictEqual(JSON.parse(JSON.stringify(value)));
        expect(decode(encode(plain, 'event', LIMITS), 'event')).toStrictEqual(plain);
      }),
      500,
    );
  });

  it('that is taken twice is the same object the second time', () => {
    checkProperty(
      fc.property(acceptable, (value) => {
        const plain = toPlain(value, 'event', LIMITS);
        expect(toPlain(plain, 'event', LIMITS)).toBe(plain);
      }),
      300,
    );
  });

  it('is never changed itself', () => {
    checkProperty(
      fc.property(acceptable, (value) => {
        const before = fc.stringify(value);
        toPlain(value, 'event', LIMITS);
        expect(fc.stringify(value)).toBe(before);
      }),
      300,
    );
  });

  it('shares the parts that needed no change', () => {
    const kept = { deep: [1, { a: 2 }] };
    const value = { kept, changed: { drop: undefined, zero: -0, kept } };
    const plain = toPlain(value, 'event', LIMITS) as typeof value;
    expect(plain).toStrictEqual({ kept, changed: { zero: 0, kept } });
    expect(plain.kept).toBe(kept);
    expect(plain.changed.kept).toBe(kept);
    const list = [kept, { drop: undefined }];
    expect((toPlain(list, 'event', LIMITS) as typeof list)[0]).toBe(kept);
  });

  it('that JSON would change is refused with its path', () => {
    checkProperty(
      fc.property(planted, ({ value, path }) => {
        expect(refusal(value)).toMatchObject({ code: 'BAD_VALUE', details: { path } });
        expect(refusal(value)).toMatchObject({ message: expect.stringContaining(path) });
      }),
      500,
    );
  });

  it('with undefined in an array is refused, because JSON would make it null', () => {
    expect(refusal({ list: [1, undefined] })).toMatchObject({ details: { path: 'event.list[1]' } });
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is refused here
    expect(refusal([1, , 2])).toMatchObject({ details: { path: 'event[1]' } });
  });

  it('with a member __proto__ of its own is refused', () => {
    expect(refusal({ a: JSON.parse('{"__proto__":{"x":1}}') })).toMatchObject({
      details: { path: 'event.a.__proto__' },
    });
  });

  it('with a toJSON of its own is refused rather than asked', () => {
    expect(refusal({ a: { toJSON: () => 1 } })).toMatchObject({
      details: { path: 'event.a.toJSON' },
    });
  });

  it('that goes round or is nested too deep is refused, and does not end the process', () => {
    const round: { self?: unknown } = {};
    round.self = round;
    expect(refusal(round)).toMatchObject({ code: 'BAD_VALUE' });
    let deep: unknown = 1;
    for (let level = 0; level < 50_000; level++) deep = { deep };
    expect(refusal(deep)).toMatchObject({ code: 'BAD_VALUE', message: /nested too deep/ });
  });

  it('may be nested as deep as the limit says, and no deeper', () => {
    const nested = (levels: number): unknown =>
      Array.from({ length: levels }).reduce((inner) => [inner], 1 as unknown);
    expect(refusal(nested(LIMITS.depth))).toBeNull();
    expect(refusal(nested(LIMITS.depth + 1))).toMatchObject({ code: 'BAD_VALUE' });
  });

  it('may hold instances that are known, as what is stored for them', () => {
    class Money {
      readonly pence = 5;
    }
    const replace = (instance: object): object | undefined =>
      instance instanceof Money ? { pence: instance.pence } : undefined;
    expect(toPlain({ a: [new Money()] }, 'event', LIMITS, replace)).toEqual({ a: [{ pence: 5 }] });
    expect(() => toPlain({ a: new Date(0) }, 'event', LIMITS, replace)).toThrow(/event\.a.*Date/);
  });

  it('without a prototype is kept as the object that a reload would give', () => {
    const bare: unknown = Object.assign(Object.create(null), { a: 1 });
    expect(toPlain({ bare }, 'event', LIMITS)).toStrictEqual({ bare: { a: 1 } });
  });
});

describe('JSON text', () => {
  it('longer than its limit is refused with both lengths', () => {
    const limits = { depth: 5, length: 10 };
    expect(encode('12345678', 'event', limits)).toBe('"12345678"');
    expect(() => encode('123456789', 'event', limits)).toThrow(
      expect.objectContaining({
        code: 'VALUE_TOO_LARGE',
        details: { path: 'event', length: 11, limit: 10 },
      }),
    );
  });

  it('of nothing is null', () => {
    expect(encode(undefined, 'input', LIMITS)).toBe('null');
  });

  it('that is damaged is reported with what it was', () => {
    expect(() => decode('{"a":', 'the snapshot of a')).toThrow(
      expect.objectContaining({
        code: 'STORE_CORRUPT',
        message: expect.stringContaining('the snapshot of a'),
      }),
    );
  });

  it('with a reference marker is refused from outside, however deep it is', () => {
    const marker = { xstate$$type: 1, id: 'a' };
    expect(() => refuseMarkers({ a: [{ b: marker }] }, 'event')).toThrow(
      expect.objectContaining({
        code: 'BAD_VALUE',
        details: { path: 'event.a[0].b.xstate$$type' },
      }),
    );
    expect(() => refuseMarkers({ a: [{ b: 'xstate$$type' }] }, 'event')).not.toThrow();
  });
});

describe('a copy of a JSON value', () => {
  it('is equal and shares nothing', () => {
    checkProperty(
      fc.property(acceptable, (value) => {
        const plain = toPlain(value, 'event', LIMITS);
        const copy = copyJson(plain);
        expect(copy).toStrictEqual(plain);
        if (typeof plain === 'object' && plain !== null) expect(copy).not.toBe(plain);
      }),
      200,
    );
    const inner = { a: [1] };
    expect((copyJson({ inner }) as { inner: object }).inner).not.toBe(inner);
  });
});

describe('the canonical text', () => {
  it('is one for equal values in any order of members, and differs for different values', () => {
    const shuffled = fc
      .jsonValue()
      .chain((value) => fc.tuple(fc.constant(value), fc.constant(reordered(value))));
    checkProperty(
      fc.property(shuffled, ([value, other]) => {
        expect(canonical(other)).toBe(canonical(value));
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      300,
    );
    expect(canonical({ a: 1 })).not.toBe(canonical({ a: '1' }));
    expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
  });
});

/** The same value with the members of each object in the opposite order. */
function reordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reordered);
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reordered(member)]),
  );
}
