// Fingerprints of JSON: equal for equal values, different for different ones, short.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../src/codec.ts';
import { hashJson } from '../../src/hash.ts';
import { checkProperty } from './seeds.ts';

describe('a fingerprint', () => {
  it('does not depend on the order of members', () => {
    expect(hashJson({ a: 1, b: { c: [1, 2], d: null } })).toBe(
      hashJson({ b: { d: null, c: [1, 2] }, a: 1 }),
    );
  });

  it('is the same exactly when the values are', () => {
    checkProperty(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), (one, other) => {
        expect(hashJson(one) === hashJson(other)).toBe(canonical(one) === canonical(other));
        expect(hashJson(one)).toBe(hashJson(structuredClone(one)));
      }),
      200,
    );
    expect(new Set([null, 0, '', '0', [], {}, false, [0], { a: 0 }].map(hashJson)).size).toBe(9);
  });

  it('is the same in every release: a stored one is compared with it', () => {
    expect(hashJson({ orderId: 'o-1', items: [{ sku: 'x', quantity: 2 }] })).toMatchInlineSnapshot(
      `"de6oi8vuOAAiUTNNqi_DIW"`,
    );
    expect(hashJson(null)).toHaveLength(22);
  });
});
