// What may be the id of an actor, an address, a child or a key. What is refused could break a path, a
// log line, a header or a UTF-8 column.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  actorAddress,
  childAddress,
  idempotencyKey,
  MAX_ID_LENGTH,
  rootActorId,
} from '../../src/ids.ts';
import { checkProperty } from './seeds.ts';

const parent = actorAddress('order-1');
const validators = [
  ['an actor id', 'BAD_ID', rootActorId],
  ['an address', 'BAD_ID', actorAddress],
  ['a key', 'BAD_KEY', idempotencyKey],
] as const;

describe.each(validators)('%s', (_, code, validate) => {
  it.each([
    ['an empty text', ''],
    ['a text that is too long', 'x'.repeat(MAX_ID_LENGTH + 1)],
    ['a lone surrogate', 'a\ud83d'],
    ['a line break', 'a\nb'],
    ['a null byte', 'a\0'],
    ['a delete character', 'a\u007f'],
    ['a number', 5],
    ['null', null],
    ['undefined', undefined],
    ['an object', { toString: () => 'a' }],
  ])('cannot be %s', (_what, value) => {
    expect(() => validate(value)).toThrow(expect.objectContaining({ code }));
  });

  it('says what came when that is no text', () => {
    expect(() => validate(5)).toThrow(/got the number 5\. Give a text\.$/);
    expect(() => validate(undefined)).toThrow(/got undefined\. Give a text\.$/);
    expect(() => validate([])).toThrow(/got an array\. Give a text\.$/);
  });

  it('may be any other text, and is given back as it was', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .filter((value) => !/[\p{Cc}/]/u.test(value));
    checkProperty(
      fc.property(text, (value) => {
        expect(validate(value)).toBe(value);
      }),
    );
    expect(validate('x'.repeat(MAX_ID_LENGTH))).toHaveLength(MAX_ID_LENGTH);
  });
});

describe('slashes', () => {
  it('belong to addresses of children, not to ids that outsiders choose', () => {
    expect(() => rootActorId('order-1/payment')).toThrow(
      expect.objectContaining({ code: 'BAD_ID', message: expect.stringContaining('slashes') }),
    );
    expect(actorAddress('order-1/payment')).toBe('order-1/payment');
    expect(idempotencyKey('order-1/payment')).toBe('order-1/payment');
  });

  it('separate a child from its parent, once', () => {
    expect(childAddress(parent, 'payment')).toBe('order-1/payment');
    expect(() => childAddress(parent, 'a/b')).toThrow(
      expect.objectContaining({
        code: 'BAD_ID',
        message: expect.stringContaining('"a/b" in order-1'),
      }),
    );
    expect(() => childAddress(actorAddress('x'.repeat(500)), 'y'.repeat(12))).toThrow(
      expect.objectContaining({ code: 'BAD_ID' }),
    );
  });
});
