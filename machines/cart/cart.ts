// A shopping cart as a statechart: items by their SKUs until it becomes an order, once. Left alone for
// its time to live, an empty one ends; one with items is abandoned first, so that somebody can win the
// customer back, and ends after as long again. It asks nobody for a price or a stock. Pure.

import { produce } from 'immer';
import { assign, emit, setup, type UnknownActorLogic } from 'xstate';
import { isOrderId, isPositiveInteger, isQuantity, isSku } from '../identifiers.ts';
import type { WrittenMachine } from '../machine-type.ts';
import {
  type CartCheckout,
  type CartCommand,
  type CartContext,
  type CartFact,
  type CartInput,
  type CartItem,
  type CartOutput,
  createCart,
} from './cart-contract.ts';
import { computeCartTotals, isWithinSubtotal, listItems } from './cart-totals.ts';

/** In `EMPTY` and `FILLED` it can be filled; `FILLED` alone can be checked out. */
export type CartState = 'EMPTY' | 'FILLED' | 'ABANDONED' | 'CHECKED_OUT' | 'EXPIRED';

export type CartMachine = WrittenMachine<{
  context: CartContext;
  event: CartCommand;
  actors: Record<string, UnknownActorLogic>;
  delay: 'ttl';
  state: CartState;
  input: CartInput;
  output: CartOutput;
  emitted: CartFact;
}>;

type Items = CartContext['items'];

interface ItemName {
  readonly sku: string;
}

interface ItemQuantity extends ItemName {
  readonly quantity: number;
}

/** Every object has members by names that are no SKUs of this cart. */
function hasItem(items: Items, { sku }: ItemName): boolean {
  return Object.hasOwn(items, sku);
}

function addItem(items: Items, { sku, quantity, unitPriceMinor }: CartItem): Items {
  const before = hasItem(items, { sku }) ? (items[sku]?.quantity ?? 0) : 0;
  return produce(items, (draft) => {
    draft[sku] = { quantity: before + quantity, unitPriceMinor };
  });
}

function setQuantity(items: Items, { sku, quantity }: ItemQuantity): Items {
  return produce(items, (draft) => {
    const line = draft[sku];
    if (line !== undefined) line.quantity = quantity;
  });
}

function removeItem(items: Items, { sku }: ItemName): Items {
  return produce(items, (draft) => {
    delete draft[sku];
  });
}

/** Whether a cart may hold these items. */
function isWithinBounds({ maxItems, maxQuantity }: CartContext, items: Items): boolean {
  const lines = Object.values(items);
  return (
    lines.length <= maxItems &&
    lines.every((line) => isQuantity(line.quantity, maxQuantity)) &&
    isWithinSubtotal(items)
  );
}

function createCheckout(cart: CartContext): CartCheckout {
  const { cartId, customerId, orderId, currency, items } = cart;
  if (orderId === null) throw new Error(`cart ${cartId}: expected an order in CHECKED_OUT.`);
  return {
    cartId,
    customerId,
    orderId,
    currency,
    items: listItems(items),
    totals: computeCartTotals(cart),
  };
}

function finishCart(cart: CartContext): CartOutput {
  if (cart.orderId === null) return { outcome: 'EXPIRED', cartId: cart.cartId };
  return { outcome: 'CHECKED_OUT', ...createCheckout(cart) };
}

const cartSetup = setup({
  types: {} as {
    context: CartContext;
    events: CartCommand;
    input: CartInput;
    output: CartOutput;
    emitted: CartFact;
  },
  delays: { ttl: ({ context }) => context.ttlMs },
  guards: {
    isAddable: ({ context }, item: CartItem) =>
      isSku(item.sku) &&
      isQuantity(item.quantity, context.maxQuantity) &&
      isPositiveInteger(item.unitPriceMinor) &&
      isWithinBounds(context, addItem(context.items, item)),
    isChangeable: ({ context }, change: ItemQuantity) =>
      hasItem(context.items, change) &&
      isQuantity(change.quantity, context.maxQuantity) &&
      isWithinBounds(context, setQuantity(context.items, change)),
    isRemovable: ({ context }, { sku, quantity }: ItemQuantity) =>
      quantity === 0 && hasItem(context.items, { sku }),
    isLast: ({ context }, { sku, quantity }: ItemQuantity) =>
      quantity === 0 && hasItem(context.items, { sku }) && Object.keys(context.items).length === 1,
    namesOrder: (_, { orderId }: { orderId: string }) => isOrderId(orderId),
  },
  actions: {
    addItem: assign({ items: ({ context }, item: CartItem) => addItem(context.items, item) }),
    setQuantity: assign({
      items: ({ context }, change: ItemQuantity) => setQuantity(context.items, change),
    }),
    removeItem: assign({
      items: ({ context }, name: ItemName) => removeItem(context.items, name),
    }),
    noteOrder: assign({ orderId: (_, { orderId }: { orderId: string }) => orderId }),
    tellItemAdded: emit(({ context: { cartId } }, item: CartItem) => {
      const { sku, quantity, unitPriceMinor } = item;
      return { type: 'cart.itemAdded', cartId, sku, quantity, unitPriceMinor };
    }),
    tellQuantityChanged: emit(({ context: { cartId } }, { sku, quantity }: ItemQuantity) => ({
      type: 'cart.quantityChanged',
      cartId,
      sku,
      quantity,
    })),
    tellItemRemoved: emit(({ context: { cartId } }, { sku }: ItemName) => ({
      type: 'cart.itemRemoved',
      cartId,
      sku,
    })),
  },
});

/** `cart.addItem`, wherever it is taken: each change starts the time to live anew. */
const adding = {
  guard: { type: 'isAddable', params: ({ event }: { event: CartItem }) => event },
  target: 'FILLED',
  reenter: true,
  actions: [
    { type: 'addItem', params: ({ event }: { event: CartItem }) => event },
    { type: 'tellItemAdded', params: ({ event }: { event: CartItem }) => event },
  ],
} as const;

/** `cart.removeItem` is a quantity of nothing. */
const toNothing = ({ event: { sku } }: { event: ItemName }): ItemQuantity => ({ sku, quantity: 0 });

const removed = [
  { type: 'removeItem', params: ({ event }: { event: ItemName }) => event },
  { type: 'tellItemRemoved', params: ({ event }: { event: ItemName }) => event },
] as const;

/** A shopping cart, started under the id that its input names; it becomes one order or expires. */
export const cartMachine: CartMachine = cartSetup.createMachine({
  id: 'cart',
  version: '1',
  context: ({ input }) => createCart(input),
  initial: 'EMPTY',
  states: {
    EMPTY: {
      on: { 'cart.addItem': adding },
      after: { ttl: 'EXPIRED' },
    },
    FILLED: {
      on: {
        'cart.addItem': adding,
        'cart.setQuantity': [
          {
            guard: { type: 'isLast', params: ({ event }) => event },
            target: 'EMPTY',
            actions: removed,
          },
          {
            guard: { type: 'isRemovable', params: ({ event }) => event },
            target: 'FILLED',
            reenter: true,
            actions: removed,
          },
          {
            guard: { type: 'isChangeable', params: ({ event }) => event },
            target: 'FILLED',
            reenter: true,
            actions: [
              { type: 'setQuantity', params: ({ event }) => event },
              { type: 'tellQuantityChanged', params: ({ event }) => event },
            ],
          },
        ],
        'cart.removeItem': [
          { guard: { type: 'isLast', params: toNothing }, target: 'EMPTY', actions: removed },
          {
            guard: { type: 'isRemovable', params: toNothing },
            target: 'FILLED',
            reenter: true,
            actions: removed,
          },
        ],
        'cart.checkout': {
          guard: { type: 'namesOrder', params: ({ event }) => event },
          target: 'CHECKED_OUT',
          actions: { type: 'noteOrder', params: ({ event }) => event },
        },
      },
      after: { ttl: 'ABANDONED' },
    },
    ABANDONED: {
      entry: emit(({ context }) => ({
        type: 'cart.abandoned',
        cartId: context.cartId,
        items: listItems(context.items),
        totals: computeCartTotals(context),
      })),
      on: {
        'cart.recover': {
          target: 'FILLED',
          actions: emit(({ context: { cartId } }) => ({ type: 'cart.recovered', cartId })),
        },
      },
      after: { ttl: 'EXPIRED' },
    },
    CHECKED_OUT: {
      type: 'final',
      entry: emit(({ context }) => ({ type: 'cart.checkedOut', ...createCheckout(context) })),
    },
    EXPIRED: {
      type: 'final',
      entry: emit(({ context: { cartId } }) => ({ type: 'cart.expired', cartId })),
    },
  },
  output: ({ context }) => finishCart(context),
});
