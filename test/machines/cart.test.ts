// The cart on its own, stepped as the pure function that it is: what it takes in which state, what it
// tells, and what it costs.

import {
  type CartCommand,
  type CartFact,
  type CartRules,
  type CartTotals,
  cartMachine,
  computeCartTotals,
  MAX_SUBTOTAL_MINOR,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { coverChart } from '../support/chart-coverage.ts';
import {
  add,
  checkout,
  createEmpty,
  input,
  pass,
  recover,
  remove,
  rules,
  type Step,
  setQuantity,
  tell,
} from './cart-steps.ts';

function listenTo(steps: readonly Step[]): readonly CartFact[] {
  const facts: CartFact[] = [];
  const actor = createActor(cartMachine, { input });
  actor.on('*', (fact) => facts.push(fact));
  actor.start();
  for (const step of steps) actor.send(step as CartCommand);
  actor.stop();
  return facts;
}

const filled = tell(createEmpty(), add('A', 2, 2_999), add('B', 1, 4_999));

describe('a cart', () => {
  it('starts empty and holds what is put into it', () => {
    expect(createEmpty().value).toBe('EMPTY');
    expect(filled.value).toBe('FILLED');
    expect(filled.context.items).toEqual({
      A: { quantity: 2, unitPriceMinor: 2_999 },
      B: { quantity: 1, unitPriceMinor: 4_999 },
    });
  });

  it('adds quantities up, and the newest price is that of all pieces', () => {
    const more = tell(filled, add('A', 3, 2_500));
    expect(more.context.items['A']).toEqual({ quantity: 5, unitPriceMinor: 2_500 });
  });

  it('is empty again when its last item is removed, or its quantity set to 0', () => {
    expect(tell(filled, remove('A')).value).toBe('FILLED');
    expect(tell(filled, remove('A'), remove('B'))).toMatchObject({ value: 'EMPTY' });
    expect(tell(filled, setQuantity('A', 0), setQuantity('B', 0)).context.items).toEqual({});
  });

  it('tells each change once', () => {
    const steps = [
      add('A', 2, 100),
      setQuantity('A', 5),
      remove('A'),
      remove('A'),
      add('B', 1, 10_000),
      pass('FILLED'),
      recover,
      checkout,
    ];
    const cartId = 'cart-17850';
    const items = [{ sku: 'B', quantity: 1, unitPriceMinor: 10_000 }];
    const totals: CartTotals = {
      subtotalMinor: 10_000,
      shippingMinor: 0,
      taxMinor: 725,
      totalMinor: 10_725,
    };
    const order = { orderId: 'order-1', customerId: '17850', currency: 'USD' };
    expect(listenTo(steps)).toEqual([
      { type: 'cart.itemAdded', cartId, sku: 'A', quantity: 2, unitPriceMinor: 100 },
      { type: 'cart.quantityChanged', cartId, sku: 'A', quantity: 5 },
      { type: 'cart.itemRemoved', cartId, sku: 'A' },
      { type: 'cart.itemAdded', cartId, sku: 'B', quantity: 1, unitPriceMinor: 10_000 },
      { type: 'cart.abandoned', cartId, items, totals },
      { type: 'cart.recovered', cartId },
      { type: 'cart.checkedOut', cartId, ...order, items, totals },
    ]);
  });

  it('becomes one order, once, with its items and prices of that moment', () => {
    const ended = tell(filled, checkout);
    expect(ended.status).toBe('done');
    expect(ended.output).toMatchObject({
      outcome: 'CHECKED_OUT',
      orderId: 'order-1',
      items: [
        { sku: 'A', quantity: 2, unitPriceMinor: 2_999 },
        { sku: 'B', quantity: 1, unitPriceMinor: 4_999 },
      ],
      totals: { subtotalMinor: 10_997 },
    });
    const again = tell(ended, { type: 'cart.checkout', orderId: 'order-2' });
    expect(again.output).toEqual(ended.output);
  });

  it('left alone, ends when empty, and is abandoned first when somebody may come back', () => {
    expect(tell(createEmpty(), pass('EMPTY')).output).toEqual({
      outcome: 'EXPIRED',
      cartId: 'cart-17850',
    });
    const abandoned = tell(filled, pass('FILLED'));
    expect(abandoned.value).toBe('ABANDONED');
    expect(tell(abandoned, recover)).toMatchObject({ value: 'FILLED', context: filled.context });
    expect(tell(abandoned, pass('ABANDONED')).output).toMatchObject({ outcome: 'EXPIRED' });
  });

  it('takes changes again only after an abandoned one was recovered', () => {
    const abandoned = tell(filled, pass('FILLED'));
    for (const refused of [add('A', 1, 1), remove('A'), setQuantity('A', 1), checkout]) {
      expect(abandoned.can(refused)).toBe(false);
    }
    expect(filled.can(recover)).toBe(false);
  });

  it.each<readonly [string, CartCommand]>([
    ['nothing', add('A', 0, 100)],
    ['less than nothing', add('A', -1, 100)],
    ['a part of a piece', add('A', 0.5, 100)],
    ['more pieces than it may hold', add('A', 99, 100)],
    ['more products than it may hold', add('D', 1, 100)],
    ['a price that is no integer', add('A', 1, 29.99)],
    ['a gift', add('A', 1, 0)],
    ['a price beyond its bound', add('A', 1, MAX_SUBTOTAL_MINOR)],
    ['a SKU without a name', add('', 1, 100)],
    ['a SKU that belongs to every object', add('__proto__', 1, 100)],
    ['a quantity of what is not there', setQuantity('Z', 2)],
    ['a quantity beyond its bound', setQuantity('A', 101)],
    ['a quantity of a part', setQuantity('A', 1.5)],
    ['a quantity below nothing', setQuantity('A', -1)],
    ['a member of every object', setQuantity('constructor', 0)],
    ['the removal of what is not there', remove('toString')],
    ['an order without an id', { type: 'cart.checkout', orderId: '' }],
  ])('refuses %s', (_, command) => {
    expect(tell(filled, add('C', 1, 100)).can(command)).toBe(false);
  });

  it('takes a SKU that reads like a member of every object', () => {
    const odd = tell(createEmpty(), add('constructor', 2, 100), add('constructor', 1, 100));
    expect(odd.context.items['constructor']?.quantity).toBe(3);
  });

  it('is not checked out when it is empty', () => {
    expect(createEmpty().can(checkout)).toBe(false);
    expect(tell(filled, remove('A'), remove('B')).can(checkout)).toBe(false);
  });

  it.each<readonly [string, object, string]>([
    ['no id', { cartId: '' }, 'cartId'],
    ['an unknown currency', { currency: 'pounds' }, 'currency'],
    ['no time to live', { ttlMs: 0 }, 'ttlMs'],
    ['a time to live of years', { ttlMs: 2 ** 40 }, 'ttlMs'],
    ['no room', { maxItems: 0 }, 'maxItems'],
    ['too much room', { maxItems: 501 }, 'maxItems'],
    ['no rules', { rules: null }, 'rules'],
    ['a tax that is a float', { rules: { ...rules, taxPercent: 7.25 } }, 'rules.taxPercent'],
    ['a negative cost', { rules: { ...rules, shippingMinor: -1 } }, 'rules.shippingMinor'],
    ['half a rule', { rules: { ...rules, isShippingTaxed: 'no' } }, 'rules.isShippingTaxed'],
    [
      'a limit of nothing known',
      { rules: { ...rules, freeShippingFromMinor: undefined } },
      'rules.freeShippingFromMinor',
    ],
  ])('is not started with %s', (_, wrong, field) => {
    const actor = createActor(cartMachine, { input: { ...input, ...wrong } });
    const { error } = actor.getSnapshot();
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(`cart: expected ${field} to be`);
  });
});

describe('the price of a cart', () => {
  const price = (changes: Partial<CartRules>): CartTotals =>
    computeCartTotals({ ...filled.context, rules: { ...rules, ...changes } });

  it('has items, shipping and tax on the items', () => {
    expect(price({ freeShippingFromMinor: null })).toEqual({
      subtotalMinor: 10_997,
      shippingMinor: 500,
      taxMinor: 797,
      totalMinor: 12_294,
    });
  });

  it('has tax on shipping where that is the rule', () => {
    expect(price({ freeShippingFromMinor: null, isShippingTaxed: true }).taxMinor).toBe(834);
  });

  it('has no shipping from a limit on', () => {
    expect(price({ freeShippingFromMinor: 10_997 }).shippingMinor).toBe(0);
    expect(price({ freeShippingFromMinor: 10_998 }).shippingMinor).toBe(500);
  });

  it('is nothing when it is empty', () => {
    expect(computeCartTotals(createEmpty().context).totalMinor).toBe(0);
  });

  it('is a safe integer at its highest', () => {
    const dear = { taxPercent: '100', isShippingTaxed: true, freeShippingFromMinor: null };
    const highest = createEmpty({ rules: { ...dear, shippingMinor: MAX_SUBTOTAL_MINOR } });
    const { context } = tell(highest, add('A', 1, MAX_SUBTOTAL_MINOR));
    expect(computeCartTotals(context).totalMinor).toBe(4 * MAX_SUBTOTAL_MINOR);
    expect(Number.isSafeInteger(4 * MAX_SUBTOTAL_MINOR)).toBe(true);
  });
});

describe('the paths of a cart', () => {
  it('reach every state and take every transition', () => {
    const coverage = coverChart(cartMachine, {
      inputs: [{ ...input, maxItems: 2, maxQuantity: 2 }],
      events: () => [
        add('A', 1, 100),
        add('B', 2, 200),
        setQuantity('A', 0),
        setQuantity('A', 2),
        setQuantity('B', 0),
        remove('A'),
        remove('B'),
        checkout,
        recover,
        pass('EMPTY'),
        pass('FILLED'),
        pass('ABANDONED'),
      ],
    });
    console.log(coverage.line);
    expect(coverage.missing).toEqual([]);
  });
});
