// The order of these examples: two of one product and one of another, to an address in San Francisco.
// Plain data; every example places the same.

import type { FulfilmentInput, OrderInput, StockItem } from 'sagawright/machines';

const items = [
  { sku: 'product-789', quantity: 2, unitPriceMinor: 2_999 },
  { sku: 'product-101', quantity: 1, unitPriceMinor: 4_999 },
];

export const ORDER: OrderInput = {
  orderId: 'order-123',
  customerId: 'customer-456',
  currency: 'USD',
  totalMinor: 10_997,
  items,
  shippingAddress: {
    street: '123 Main St',
    city: 'San Francisco',
    state: 'CA',
    postalCode: '94102',
    country: 'USA',
  },
  // Who cancels while the order is being processed pays a tenth of it.
  cancellation: { feePercent: '10' },
};

/** What is on the shelves before. */
export const STOCK: readonly StockItem[] = [
  { sku: 'product-789', quantity: 5 },
  { sku: 'product-101', quantity: 5 },
];

export const FULFILMENT: FulfilmentInput = {
  orderId: ORDER.orderId,
  paymentId: 'payment-order-123',
  shipmentId: 'shipment-order-123',
  customerEmail: 'customer-456@example.com',
  currency: ORDER.currency,
  totalMinor: ORDER.totalMinor,
  items: ORDER.items,
  ...(ORDER.shippingAddress !== undefined && { shippingAddress: ORDER.shippingAddress }),
};

/** The address of the saga that fulfils it. */
export const SAGA_ID = 'fulfilment-123';
