// Ids, SKUs and quantities: what may name or count something, and what is refused.

import { isOrderId, MAX_QUANTITY, toOrderId, toQuantity, toSku } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';

describe('a quantity', () => {
  it('is a positive integer up to a maximum that can be configured', () => {
    expect(toQuantity(1)).toBe(1);
    expect(toQuantity(MAX_QUANTITY)).toBe(1_000_000);
    expect(toQuantity(10, 10)).toBe(10);
    expect(() => toQuantity(11, 10)).toThrow('an integer from 1 to 10, got 11');
    expect(() => toQuantity(MAX_QUANTITY + 1)).toThrow(TypeError);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '2', null, undefined])(
    'is never %s',
    (value) => {
      expect(() => toQuantity(value)).toThrow(TypeError);
    },
  );
});

describe('the id of an order and a SKU', () => {
  it.each(['85123A', 'order-17', 'constructor', 'BANK CHARGES', 'é'])('can be %s', (name) => {
    expect(toSku(name)).toBe(name);
    expect(toOrderId(name)).toBe(name);
  });

  it.each<readonly [unknown, string]>([
    ['', 'empty'],
    ['  ', 'blank'],
    ['a/b', 'with a slash, which addresses a child'],
    ['a\nb', 'with a control character'],
    ['__proto__', 'a name that is no member of an object like the others'],
    ['\ud800', 'half of a character'],
    ['x'.repeat(201), 'too long'],
    [17, 'a number'],
    [null, 'null'],
  ])('cannot be %j: %s', (name) => {
    expect(isOrderId(name)).toBe(false);
    expect(() => toOrderId(name)).toThrow(TypeError);
    expect(() => toSku(name)).toThrow('Expected a SKU to be a text');
  });
});
