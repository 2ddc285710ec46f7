// The order aggregate on its own, stepped as the pure function that it is: what it takes in which
// state, in whichever order payment and goods come, and what it says happened.

import { type OrderInput, type OrderState, orderMachine } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { coverChart } from '../support/chart-coverage.ts';
import {
  authorizePayment,
  beginWork,
  cancel,
  closeReturns,
  completePayment,
  completeRefund,
  completeReturn,
  confirm,
  deliver,
  expire,
  factsOf,
  fail,
  failPayment,
  input,
  messages,
  noteShipment,
  type OrderMessage,
  placeOrder,
  rejectReturn,
  requestCancellation,
  requestRefund,
  requestReturn,
  reserveInventory,
  ship,
  startPayment,
  statusesOf,
  storyOf,
  takes,
  tell,
  toConfirmed,
  toDelivered,
  ways,
} from './order-commands.ts';

describe('an order', () => {
  it('waits, unpaid and with nothing refunded, until work on it begins', () => {
    const order = placeOrder();
    expect(order.value).toBe('PENDING');
    expect(order.context).toMatchObject({ capturedMinor: 0, refundedMinor: 0, refunds: {} });
    expect(order.context).toMatchObject({ history: ['PENDING'], terms: { expiresAfterMs: null } });
  });

  it('is paid first and reserved then, and stays open when it is confirmed', () => {
    expect(statusesOf(placeOrder(), toConfirmed)).toEqual([
      'PAYMENT_PROCESSING',
      'PAYMENT_COMPLETED',
      'INVENTORY_RESERVED',
      'CONFIRMED',
    ]);
    const order = tell(placeOrder(), ...toConfirmed);
    expect(order.status).toBe('active');
    expect(order.context).toMatchObject({
      capturedMinor: 13_912,
      chargeKey: 'saga-1:payment/1',
      reservationKey: 'saga-1:inventory/1',
    });
  });

  it('is reserved first and paid then', () => {
    const told = [beginWork, reserveInventory, startPayment, completePayment, confirm];
    expect(statusesOf(placeOrder(), told)).toEqual([
      'PROCESSING',
      'INVENTORY_RESERVED',
      'PAYMENT_PROCESSING',
      'PAYMENT_COMPLETED',
      'CONFIRMED',
    ]);
  });

  it.each<readonly [string, readonly OrderMessage[], readonly string[]]>([
    ['payment', [completePayment, reserveInventory], ['PAYMENT_COMPLETED', 'INVENTORY_RESERVED']],
    ['goods', [reserveInventory, completePayment], ['INVENTORY_RESERVED', 'PAYMENT_COMPLETED']],
  ])('is confirmed when both run side by side and the %s come first', (_, arrivals, milestones) => {
    const statuses = statusesOf(placeOrder(), [startPayment, ...arrivals, confirm]);
    expect(statuses).toEqual(['PAYMENT_PROCESSING', ...milestones, 'CONFIRMED']);
  });

  it('is confirmed with its payment authorized, and takes the capture before it ships', () => {
    const told = [startPayment, authorizePayment, reserveInventory, confirm, completePayment, ship];
    expect(statusesOf(placeOrder(), told)).toEqual([
      'PAYMENT_PROCESSING',
      'PAYMENT_PROCESSING',
      'INVENTORY_RESERVED',
      'CONFIRMED',
      'CONFIRMED',
      'SHIPPED',
    ]);
    const unpaid = tell(placeOrder(), ...told.slice(0, 4));
    expect(unpaid.context).toMatchObject({ authorizedMinor: 13_912, capturedMinor: 0 });
    expect(takes(unpaid, ship)).toBe(false);
    const captured = tell(unpaid, completePayment);
    expect(captured.context).toMatchObject({ authorizedMinor: 13_912, capturedMinor: 13_912 });
  });

  it('is confirmed right out of PAYMENT_PROCESSING when goods and authorization are there', () => {
    const reserved = tell(placeOrder(), beginWork, reserveInventory, startPayment);
    expect(takes(reserved, confirm)).toBe(false);
    expect(tell(reserved, authorizePayment, confirm).value).toBe('CONFIRMED');
  });

  it('is not confirmed with the goods alone, nor with the money alone', () => {
    expect(takes(tell(placeOrder(), beginWork, reserveInventory), confirm)).toBe(false);
    expect(takes(tell(placeOrder(), startPayment, completePayment), confirm)).toBe(false);
    expect(takes(tell(placeOrder(), startPayment, authorizePayment), confirm)).toBe(false);
  });

  it('takes payment, authorization, goods and shipment once each', () => {
    const told = [startPayment, authorizePayment, completePayment, reserveInventory, noteShipment];
    const full = tell(placeOrder(), ...told);
    for (const message of told) expect(takes(full, message), message.type).toBe(false);
    const paid = tell(placeOrder(), startPayment, completePayment);
    expect(takes(tell(paid, reserveInventory), authorizePayment)).toBe(false);
  });

  it('ships what was noted: no other shipment, and under its newest tracking number', () => {
    const told = [startPayment, noteShipment, completePayment, reserveInventory, confirm];
    const noted = tell(placeOrder(), ...told);
    expect(noted.context.shipment).toEqual({ shipmentId: 'shipment-1', trackingNumber: 'TRK-1' });
    expect(takes(noted, { ...ship, shipmentId: 'shipment-2' } as OrderMessage)).toBe(false);
    expect(takes(noted, { ...ship, trackingNumber: '' } as OrderMessage)).toBe(false);
    const relabelled = { ...ship, trackingNumber: 'TRK-2' } as OrderMessage;
    expect(tell(noted, relabelled).context.shipment).toMatchObject({ trackingNumber: 'TRK-2' });
  });

  it('tells each thing that happened once, in the past tense', () => {
    expect(storyOf([...toConfirmed, requestRefund, completeRefund])).toEqual([
      'order.placed',
      'order.paymentStarted',
      'order.paymentCompleted',
      'order.inventoryReserved',
      'order.confirmed',
      'order.refundRequested',
      'order.refunded',
    ]);
    expect(storyOf([beginWork, startPayment, authorizePayment, noteShipment])).toEqual([
      'order.placed',
      'order.processingStarted',
      'order.paymentStarted',
      'order.paymentAuthorized',
      'order.shipmentNoted',
    ]);
    expect(storyOf([...toDelivered, closeReturns]).slice(-3)).toEqual([
      'order.shipped',
      'order.delivered',
      'order.completed',
    ]);
    expect(storyOf([startPayment, failPayment])).toContain('order.paymentFailed');
    expect(storyOf([beginWork, fail])).toContain('order.failed');
    expect(storyOf([expire])).toEqual(['order.placed', 'order.expired']);
    expect(storyOf([cancel])).toEqual(['order.placed', 'order.cancelled']);
  });

  it('tells each change of its status, and keeps all of them', () => {
    expect(factsOf(placeOrder(), startPayment)).toContainEqual({
      type: 'order.statusUpdated',
      orderId: 'order-1',
      from: 'PENDING',
      to: 'PAYMENT_PROCESSING',
    });
    const noted = factsOf(tell(placeOrder(), startPayment), noteShipment);
    expect(noted.map(({ type }) => type)).toEqual(['order.shipmentNoted']);
    expect(tell(placeOrder(), ...toDelivered, closeReturns).context.history).toEqual([
      'PENDING',
      'PAYMENT_PROCESSING',
      'PAYMENT_COMPLETED',
      'INVENTORY_RESERVED',
      'CONFIRMED',
      'SHIPPED',
      'DELIVERED',
      'COMPLETED',
    ]);
  });

  it.each<readonly [OrderState, string]>([
    ['PAYMENT_FAILED', 'CARD_DECLINED'],
    ['FAILED', 'OUT_OF_STOCK'],
    ['CANCELLED', 'changed my mind'],
    ['EXPIRED', 'EXPIRED'],
    ['COMPLETED', 'RETURNS_CLOSED'],
    ['RETURNED', 'too small'],
  ])('says at its end that it is %s, and why', (outcome, reason) => {
    const { output } = tell(placeOrder(), ...ways[outcome]);
    expect(output).toEqual({ orderId: 'order-1', outcome, reason });
  });

  const settled = [requestCancellation, cancel, fail, failPayment];
  const taken: Readonly<Record<OrderState, readonly OrderMessage[]>> = {
    PENDING: [beginWork, startPayment, requestCancellation, cancel, expire],
    PROCESSING: [startPayment, reserveInventory, noteShipment, ...settled],
    PAYMENT_PROCESSING: [
      ...[authorizePayment, completePayment, reserveInventory, noteShipment],
      ...settled,
    ],
    PAYMENT_COMPLETED: [reserveInventory, noteShipment, ...settled],
    INVENTORY_RESERVED: [noteShipment, confirm, ...settled],
    CONFIRMED: [noteShipment, ship, requestCancellation, requestRefund],
    SHIPPED: [deliver, requestRefund],
    DELIVERED: [requestRefund, requestReturn, closeReturns],
    RETURN_REQUESTED: [requestRefund, completeReturn, rejectReturn, closeReturns],
    CANCELLING: [noteShipment, ship, cancel, fail, failPayment, requestRefund],
    COMPLETED: [],
    RETURNED: [],
    PAYMENT_FAILED: [],
    FAILED: [],
    CANCELLED: [],
    EXPIRED: [],
  };

  it.each(Object.entries(taken))('in %s takes what fits and refuses the rest', (state, fitting) => {
    const order = tell(placeOrder(), ...ways[state as OrderState]);
    expect(order.value).toBe(state);
    const accepted = messages.filter((message) => takes(order, message));
    expect(new Set(accepted)).toEqual(new Set(fitting));
  });

  it.each<readonly [string, object]>([
    ['a penny less', { amountMinor: 13_911 }],
    ['another currency', { currency: 'EUR' }],
    ['no key', { chargeKey: ' ', authorizationKey: ' ' }],
  ])('refuses a payment or an authorization of %s', (_, wrong) => {
    const order = tell(placeOrder(), startPayment);
    expect(takes(order, { ...completePayment, ...wrong } as OrderMessage)).toBe(false);
    expect(takes(order, { ...authorizePayment, ...wrong } as OrderMessage)).toBe(false);
  });

  it('refuses to end without a reason or to hold stock under no key', () => {
    const processing = tell(placeOrder(), startPayment);
    for (const message of settled) {
      expect(takes(processing, { ...message, reason: ' ' } as OrderMessage)).toBe(false);
    }
    const paid = tell(processing, completePayment);
    expect(takes(paid, { type: 'order.reserveInventory', reservationKey: '' })).toBe(false);
    expect(takes(paid, { ...noteShipment, shipmentId: '' } as OrderMessage)).toBe(false);
  });
});

describe('the input of an order', () => {
  const address = { street: '12 High Street', city: 'Leeds', country: 'GB' };
  const priced = [
    { sku: 'A', quantity: 3, unitPriceMinor: 2_999 },
    { sku: 'B', quantity: 1, unitPriceMinor: 4_999 },
  ];

  it.each<readonly [string, object, string]>([
    ['a total of zero', { totalMinor: 0 }, 'totalMinor to be a positive integer of pence, got 0'],
    ['a fraction of a penny', { totalMinor: 0.5 }, 'totalMinor'],
    ['an unsafe total', { totalMinor: 2 ** 53 }, 'totalMinor'],
    ['no currency', { currency: 'pounds' }, 'currency to be three capital letters'],
    ['a currency that nobody has', { currency: 'ABC' }, 'currency'],
    ['no id', { orderId: '' }, "orderId to be the order's id"],
    ['a negative quantity', { items: [{ sku: 'A', quantity: -1 }] }, 'items[0]'],
    ['a quantity beyond all bounds', { items: [{ sku: 'A', quantity: 1_000_001 }] }, 'items[0]'],
    ['items that are no array', { items: null }, 'items to be an array'],
    ['half a price', { items: [{ ...priced[0], unitPriceMinor: 0.5 }] }, 'items[0].unitPriceMinor'],
    ['prices that add up to more', { items: priced }, 'totalMinor to be 13996, the prices'],
    ['a negative tax', { taxMinor: -1 }, 'taxMinor'],
    ['a customer without a name', { customerId: '' }, 'customerId'],
    ['no time at all', { expiresAfterMs: 0 }, 'expiresAfterMs to be a positive integer or null'],
    ['no time for returns', { returnWindowMs: -1 }, 'returnWindowMs'],
    ['an expiry beyond all clocks', { expiresAfterMs: 2 ** 53 - 1 }, 'expiresAfterMs'],
    ['returns beyond all clocks', { returnWindowMs: 2 ** 53 - 1 }, 'returnWindowMs'],
    ['a fee that is a number', { cancellation: { feePercent: 10 } }, 'cancellation.feePercent'],
    ['a fee above all', { cancellation: { feePercent: '101' } }, 'cancellation.feePercent'],
    ['no policy', { cancellation: null }, 'cancellation.feePercent'],
    ['no street', { shippingAddress: { ...address, street: ' ' } }, 'shippingAddress.street'],
    ['an address in one line', { shippingAddress: null }, 'shippingAddress to be an object'],
  ])('is refused with %s', (_, wrong, message) => {
    const error = createActor(orderMachine, { input: { ...input, ...wrong } }).getSnapshot().error;
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(message);
  });

  it('may carry prices, tax and shipping that add up, an address, and no customer', () => {
    const { customerId: _, ...guest } = input;
    const given: OrderInput = {
      ...guest,
      items: priced,
      totalMinor: 17_300,
      taxMinor: 2_805,
      shippingMinor: 499,
      shippingAddress: address,
    };
    const { context } = createActor(orderMachine, { input: given }).getSnapshot();
    expect(context).toMatchObject({ totalMinor: 17_300, shippingAddress: address });
    expect(context.customerId).toBeNull();
  });

  it('need not add up when one of its prices is not known', () => {
    const items = [...priced, { sku: 'C', quantity: 1 }];
    expect(placeOrder({ items }).status).toBe('active');
  });
});

describe('the chart of an order', () => {
  it('is walked whole: every state, every transition', () => {
    const coverage = coverChart(orderMachine, {
      inputs: [input],
      events: () => messages,
      // The way to a snapshot matters only as far as it was paid for or confirmed on it.
      serialize: ({ value, context }) => {
        const { history, ...rest } = context;
        const milestones = (['PAYMENT_PROCESSING', 'CONFIRMED'] as const).map((status) =>
          history.includes(status),
        );
        return JSON.stringify([value, rest, milestones]);
      },
    });
    console.log(coverage.line);
    expect(coverage.missing).toEqual([]);
    expect(coverage.states).toEqual({ reached: 16, all: 16 });
  });
});
