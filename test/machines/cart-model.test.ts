// The cart held against a plain list of pieces, under any changes in any order: it holds the same, at
// the newest prices, and costs what integers of any size say.

import fc from 'fast-check';
import { type CartRules, type CartTotals, computeCartTotals } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../unit/seeds.ts';
import {
  add,
  type Cart,
  checkout,
  createEmpty,
  pass,
  recover,
  remove,
  type Step,
  setQuantity,
  tell,
} from './cart-steps.ts';

describe('a cart under any changes', () => {
  const sku = fc.constantFrom('A', 'B', 'C', 'D', '7', 'constructor');
  const quantity = fc.integer({ min: -1, max: 110 });
  const anyStep: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(sku, quantity, fc.nat(5_000)).map((item) => add(...item)) },
    { weight: 3, arbitrary: fc.tuple(sku, quantity).map((change) => setQuantity(...change)) },
    { weight: 2, arbitrary: fc.tuple(sku, fc.constant(0)).map((none) => setQuantity(...none)) },
    { weight: 2, arbitrary: sku.map(remove) },
    { weight: 1, arbitrary: fc.constantFrom(checkout, recover) },
    { weight: 1, arbitrary: fc.constantFrom(pass('EMPTY'), pass('FILLED'), pass('ABANDONED')) },
  );
  const anyRules: fc.Arbitrary<CartRules> = fc.record({
    taxPercent: fc.constantFrom('0', '7.25', '19', '20', '33.333333', '100'),
    isShippingTaxed: fc.boolean(),
    shippingMinor: fc.nat(2_000),
    freeShippingFromMinor: fc.option(fc.nat(200_000)),
  });

  /** The same cart as a list of pieces: every piece one entry, nothing shared with the machine. */
  class PlainCart {
    readonly pieces: { readonly sku: string }[] = [];
    readonly prices: Map<string, number> = new Map();
    stage: 'open' | 'abandoned' | 'ordered' | 'expired' = 'open';

    count(sku: string): number {
      return this.pieces.filter((piece) => piece.sku === sku).length;
    }

    put(sku: string, count: number): void {
      const others = this.pieces.filter((piece) => piece.sku !== sku);
      const own = Array.from({ length: count }, () => ({ sku }));
      this.pieces.splice(0, this.pieces.length, ...others, ...own);
    }

    take(step: Step): void {
      const isEmpty = this.pieces.length === 0;
      if (this.stage === 'abandoned') {
        if (step.type === 'cart.recover') this.stage = 'open';
        if (step.type === 'xstate.after.ttl.cart.ABANDONED') this.stage = 'expired';
        return;
      }
      if (this.stage !== 'open') return;
      switch (step.type) {
        case 'cart.addItem':
          this.add(step.sku, step.quantity, step.unitPriceMinor);
          return;
        case 'cart.setQuantity':
          if (this.count(step.sku) === 0 || step.quantity < 0 || step.quantity > 100) return;
          this.put(step.sku, step.quantity);
          return;
        case 'cart.removeItem':
          this.put(step.sku, 0);
          return;
        case 'cart.checkout':
          if (!isEmpty) this.stage = 'ordered';
          return;
        case 'xstate.after.ttl.cart.FILLED':
          if (!isEmpty) this.stage = 'abandoned';
          return;
        case 'xstate.after.ttl.cart.EMPTY':
          if (isEmpty) this.stage = 'expired';
          return;
        case 'cart.recover':
        case 'xstate.after.ttl.cart.ABANDONED':
      }
    }

    add(sku: string, quantity: number, price: number): void {
      const isNew = this.count(sku) === 0;
      const products = new Set(this.pieces.map((piece) => piece.sku)).size;
      if (quantity < 1 || price < 1 || this.count(sku) + quantity > 100) return;
      if (isNew && products === 3) return;
      this.put(sku, this.count(sku) + quantity);
      this.prices.set(sku, price);
    }

    /** By integers of any size, the tax in millionths of a percent. */
    computeTotals({ taxPercent, isShippingTaxed, ...shipping }: CartRules): CartTotals {
      const subtotal = this.pieces.reduce((sum, { sku }) => sum + (this.prices.get(sku) ?? 0), 0);
      const isFree =
        shipping.freeShippingFromMinor !== null && subtotal >= shipping.freeShippingFromMinor;
      const shippingMinor = this.pieces.length === 0 || isFree ? 0 : shipping.shippingMinor;
      const [whole = '', part = ''] = taxPercent.split('.');
      const millionths = BigInt(whole + part.padEnd(6, '0'));
      const taxed = BigInt(subtotal + (isShippingTaxed ? shippingMinor : 0));
      const taxMinor = Number((taxed * millionths + 50_000_000n) / 100_000_000n);
      const totalMinor = subtotal + shippingMinor + taxMinor;
      return { subtotalMinor: subtotal, shippingMinor, taxMinor, totalMinor };
    }
  }

  const STAGES = {
    open: /EMPTY|FILLED/,
    abandoned: /ABANDONED/,
    ordered: /CHECKED/,
    expired: /EXP/,
  };

  function check(cart: Cart, plain: PlainCart): void {
    const { items, rules: given } = cart.context;
    const held = [...new Set(plain.pieces.map((piece) => piece.sku))].map((each) => [
      each,
      { quantity: plain.count(each), unitPriceMinor: plain.prices.get(each) },
    ]);
    expect(items).toEqual(Object.fromEntries(held));
    expect(computeCartTotals(cart.context)).toEqual(plain.computeTotals(given));
    expect(cart.value).toMatch(STAGES[plain.stage]);
    if (plain.stage === 'open') expect(cart.value === 'EMPTY').toBe(held.length === 0);
  }

  it('holds and costs what a plain list of pieces says', () => {
    checkProperty(
      fc.property(anyRules, fc.array(anyStep, { maxLength: 40 }), (given, steps) => {
        const plain = new PlainCart();
        let cart = createEmpty({ rules: given });
        for (const step of steps) {
          cart = tell(cart, step);
          plain.take(step);
          check(cart, plain);
        }
      }),
      300,
    );
  });
});
