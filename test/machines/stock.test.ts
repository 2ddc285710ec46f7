// The stock of one SKU on its own, stepped as the pure function that it is: what it takes and refuses,
// what it says happened, and that no piece is ever lost, made up or promised twice.

import fc from 'fast-check';
import {
  confirmItems,
  fulfilItems,
  MAX_EXPIRY_MS,
  releaseItems,
  reserveItems,
  returnItems,
  type StockCommand,
  type StockFact,
  type StockInput,
  skuOf,
  stockId,
  stockMachine,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { coverChart } from '../support/chart-coverage.ts';
import { checkProperty } from '../unit/seeds.ts';
import { PieceModel } from './piece-model.ts';

type Stock = SnapshotFrom<typeof stockMachine>;

const reserve = (reservationId: string, quantity: number, expiresInMs?: number): StockCommand => ({
  type: 'stock.reserve',
  reservationId,
  quantity,
  ...(expiresInMs !== undefined && { expiresInMs }),
});
const named = (
  type: 'stock.confirm' | 'stock.fulfil' | 'stock.release' | 'stock.expire',
  reservationId: string,
): StockCommand => ({ type, reservationId });
const counted = (type: 'stock.receive' | 'stock.return', quantity: number): StockCommand => ({
  type,
  quantity,
});

function startStock(input: Omit<StockInput, 'sku'>): Stock {
  return initialTransition(stockMachine, { sku: 'tea', ...input })[0];
}

/** What a step asks of its host by actions of one kind; XState's types do not tell of all of them. */
function asked(
  actions: readonly { readonly type: string; readonly params?: unknown }[],
  kind: string,
): readonly Readonly<Record<string, unknown>>[] {
  return actions
    .filter(({ type }) => type === kind)
    .map(({ params }) => params as Readonly<Record<string, unknown>>);
}

/** What an event makes of a stock, and what it tells; null when it is not taken. */
function tell(stock: Stock, command: StockCommand): [Stock, readonly StockFact[]] | null {
  if (!stock.can(command)) return null;
  const [next, actions] = transition(stockMachine, stock, command);
  return [next, asked(actions, 'xstate.emit').map(({ event }) => event as StockFact)];
}

/** The stock after commands that are all taken. */
function tellAll(stock: Stock, commands: readonly StockCommand[]): Stock {
  return commands.reduce((before, command) => {
    const told = tell(before, command);
    if (told === null) throw new Error(`${JSON.stringify(command)} is refused.`);
    return told[0];
  }, stock);
}

/** Types of the facts that the last of the commands tells. */
function lastFacts(stock: Stock, commands: readonly StockCommand[]): readonly string[] {
  const before = tellAll(stock, commands.slice(0, -1));
  const told = tell(before, commands.at(-1) as StockCommand);
  return (told?.[1] ?? []).map(({ type }) => type);
}

const countsOf = ({ context }: Stock): readonly number[] => [
  context.available,
  context.reserved,
  context.sold,
];

describe('a stock', () => {
  it('sets reserved pieces aside, sells what is fulfilled and puts back what is released', () => {
    const reserved = tellAll(startStock({ initial: 5 }), [reserve('a', 2), reserve('b', 1)]);
    expect(countsOf(reserved)).toEqual([2, 3, 0]);
    const ended = tellAll(reserved, [named('stock.fulfil', 'a'), named('stock.release', 'b')]);
    expect(countsOf(ended)).toEqual([3, 0, 2]);
    expect(ended.context.reservations).toEqual({});
  });

  it('takes deliveries and returns; a return is no delivery', () => {
    const sold = tellAll(startStock({ initial: 2 }), [reserve('a', 2), named('stock.fulfil', 'a')]);
    const after = tellAll(sold, [counted('stock.return', 1), counted('stock.receive', 10)]);
    expect(countsOf(after)).toEqual([11, 0, 1]);
    expect(after.context).toMatchObject({ initial: 2, received: 10 });
  });

  it('tells what happened to which pieces', () => {
    let stock = startStock({ initial: 9 });
    const facts = [
      counted('stock.receive', 1),
      reserve('a', 3, 1_000),
      named('stock.confirm', 'a'),
      named('stock.fulfil', 'a'),
      counted('stock.return', 2),
      reserve('b', 1),
      named('stock.release', 'b'),
      reserve('c', 4, 1_000),
      named('stock.expire', 'c'),
    ].flatMap((command) => {
      const [next, told] = tell(stock, command) ?? [stock, []];
      stock = next;
      return told;
    });
    expect(facts).toEqual([
      { type: 'stock.received', sku: 'tea', quantity: 1 },
      { type: 'stock.reserved', sku: 'tea', reservationId: 'a', quantity: 3 },
      { type: 'stock.reservationConfirmed', sku: 'tea', reservationId: 'a', quantity: 3 },
      { type: 'stock.fulfilled', sku: 'tea', reservationId: 'a', quantity: 3 },
      { type: 'stock.returned', sku: 'tea', quantity: 2 },
      { type: 'stock.reserved', sku: 'tea', reservationId: 'b', quantity: 1 },
      { type: 'stock.released', sku: 'tea', reservationId: 'b', quantity: 1 },
      { type: 'stock.reserved', sku: 'tea', reservationId: 'c', quantity: 4 },
      { type: 'stock.reservationExpired', sku: 'tea', reservationId: 'c', quantity: 4 },
    ]);
  });

  it('arms a timer for a reservation that expires, and takes it away when that ends or is confirmed', () => {
    const timersOf = (stock: Stock, command: StockCommand): readonly unknown[] => {
      const actions = transition(stockMachine, stock, command)[1];
      const armed = asked(actions, 'xstate.raise').map(({ id, delay }) => ['arm', id, delay]);
      return [...armed, ...asked(actions, 'xstate.cancel').map(({ sendId }) => ['disarm', sendId])];
    };
    const stock = startStock({ initial: 5 });
    const expiring = tellAll(stock, [reserve('a', 1, 60_000)]);
    expect(timersOf(stock, reserve('a', 1, 60_000))).toEqual([['arm', 'expiry:a', 60_000]]);
    expect(timersOf(stock, reserve('a', 1))).toEqual([]);
    for (const type of ['stock.confirm', 'stock.fulfil', 'stock.release'] as const) {
      expect(timersOf(expiring, named(type, 'a'))).toEqual([['disarm', 'expiry:a']]);
    }
  });

  it('takes a name again for a new reservation once the old one has ended', () => {
    const again = tellAll(startStock({ initial: 5 }), [
      reserve('a', 5),
      named('stock.release', 'a'),
      reserve('a', 4),
    ]);
    expect(countsOf(again)).toEqual([1, 4, 0]);
  });
});

describe('a stock refuses', () => {
  const stock = tellAll(startStock({ initial: 10, maxQuantity: 8, maxReservations: 3 }), [
    reserve('timed', 1, 1_000),
    reserve('open', 2),
    named('stock.confirm', 'open'),
  ]);

  it.each<[string, StockCommand]>([
    ['more than is available', reserve('a', 8)],
    ['more than one command may move', counted('stock.receive', 9)],
    ['a name that is in use', reserve('open', 1)],
    ['a name without a letter', reserve(' ', 1)],
    ['a name that objects do not keep', reserve('__proto__', 1)],
    ['nothing', reserve('a', 0)],
    ['less than nothing', reserve('a', -1)],
    ['half a piece', reserve('a', 0.5)],
    ['to receive nothing', counted('stock.receive', 0)],
    ['an expiry at once', reserve('a', 1, 0)],
    ['an expiry that is no number of milliseconds', reserve('a', 1, Number.NaN)],
    ['an expiry in more than a year', reserve('a', 1, MAX_EXPIRY_MS + 1)],
    ['to confirm twice', named('stock.confirm', 'open')],
    ['to confirm what is not reserved', named('stock.confirm', 'a')],
    ['to sell what is not reserved', named('stock.fulfil', 'a')],
    ['to release what is not reserved', named('stock.release', 'toString')],
    ['to let expire what is confirmed', named('stock.expire', 'open')],
    ['to let expire what is not reserved', named('stock.expire', 'a')],
    ['to take back more than was sold', counted('stock.return', 1)],
  ])('%s', (_what, command) => {
    expect(stock.can(command)).toBe(false);
  });

  it('to let a reservation expire that never does', () => {
    const reserved = tellAll(startStock({ initial: 1 }), [reserve('a', 1)]);
    expect(reserved.can(named('stock.expire', 'a'))).toBe(false);
  });

  it('one reservation more than its row has room for', () => {
    const full = tellAll(stock, [reserve('third', 1)]);
    expect(full.can(reserve('fourth', 1))).toBe(false);
    expect(tellAll(full, [named('stock.release', 'open')]).can(reserve('fourth', 1))).toBe(true);
  });

  it('a delivery that numbers cannot count any more', () => {
    const huge = startStock({ initial: Number.MAX_SAFE_INTEGER - 1 });
    expect(huge.can(counted('stock.receive', 2))).toBe(false);
    expect(huge.can(counted('stock.receive', 1))).toBe(true);
  });

  it.each<[string, unknown]>([
    ['sku', { sku: 'a/b' }],
    ['initial', { sku: 'tea', initial: -1 }],
    ['lowAt', { sku: 'tea', lowAt: 1.5 }],
    ['reorderAt', { sku: 'tea', reorderAt: '3' }],
    ['maxQuantity', { sku: 'tea', maxQuantity: 0 }],
    ['maxReservations', { sku: 'tea', maxReservations: -2 }],
  ])('to start with a wrong %s, and names it', (field, input) => {
    const [{ status, error }] = initialTransition(stockMachine, input as StockInput);
    expect(status).toBe('error');
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(new RegExp(`expected ${field} to be .*, got `));
  });
});

describe('the level of a stock', () => {
  const stock = startStock({ initial: 10, lowAt: 3, reorderAt: 5 });

  it.each([
    [10, 'IN_STOCK'],
    [4, 'IN_STOCK'],
    [3, 'LOW_STOCK'],
    [1, 'LOW_STOCK'],
    [0, 'OUT_OF_STOCK'],
  ])('with %i pieces to sell is %s, from the start and after a reservation', (left, state) => {
    expect(startStock({ initial: left, lowAt: 3 }).value).toBe(state);
    const after = left === 10 ? stock : tellAll(stock, [reserve('a', 10 - left)]);
    expect(after.value).toBe(state);
  });

  it('is told once as it falls, and again when it has risen in between', () => {
    expect(lastFacts(stock, [reserve('a', 4)])).toEqual(['stock.reserved']);
    expect(lastFacts(stock, [reserve('a', 5)])).toEqual(['stock.reserved', 'stock.reorder']);
    expect(lastFacts(stock, [reserve('a', 5), reserve('b', 1)])).toEqual(['stock.reserved']);
    expect(
      lastFacts(stock, [reserve('a', 5), named('stock.release', 'a'), reserve('b', 5)]),
    ).toEqual(['stock.reserved', 'stock.reorder']);
  });

  it('is told for each threshold that one reservation passes', () => {
    expect(lastFacts(stock, [reserve('a', 10)])).toEqual([
      'stock.reserved',
      'stock.low',
      'stock.reorder',
      'stock.outOfStock',
    ]);
  });

  it('is not told where there is no threshold, but that nothing is left always is', () => {
    expect(lastFacts(startStock({ initial: 2 }), [reserve('a', 2)])).toEqual([
      'stock.reserved',
      'stock.outOfStock',
    ]);
  });
});

describe('requests for the stock of an order', () => {
  const items = [
    { sku: 'tea', quantity: 2 },
    { sku: 'cup', quantity: 1 },
    { sku: 'tea', quantity: 3 },
  ];

  it('name each SKU once, with the sum of its lines', () => {
    expect(reserveItems(items, 'order-1', 60_000)).toEqual([
      { to: 'stock-tea', event: reserve('order-1', 5, 60_000) },
      { to: 'stock-cup', event: reserve('order-1', 1, 60_000) },
    ]);
    expect(returnItems(items).map(({ event }) => event)).toEqual([
      counted('stock.return', 5),
      counted('stock.return', 1),
    ]);
  });

  it('end what was reserved under the name', () => {
    for (const [requests, type] of [
      [confirmItems, 'stock.confirm'],
      [fulfilItems, 'stock.fulfil'],
      [releaseItems, 'stock.release'],
    ] as const) {
      expect(requests(items, 'order-1')).toEqual([
        { to: 'stock-tea', event: named(type, 'order-1') },
        { to: 'stock-cup', event: named(type, 'order-1') },
      ]);
    }
  });

  it('find the SKU of an address', () => {
    expect(skuOf(stockId('85123A'))).toBe('85123A');
  });
});

const quantities = fc.integer({ min: 0, max: 6 });
const names = fc.constantFrom('a', 'b', 'c', 'd');
const commands: fc.Arbitrary<StockCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(names, quantities, fc.constantFrom(undefined, 1, 50))
      .map(([name, quantity, expiry]) => reserve(name, quantity, expiry)),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom('stock.confirm', 'stock.fulfil', 'stock.release', 'stock.expire'),
        names,
      )
      .map(([type, name]) => named(type as 'stock.confirm', name)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('stock.receive', 'stock.return'), quantities)
      .map(([type, quantity]) => counted(type as 'stock.receive', quantity)),
  },
);
const thresholds = fc.record({
  initial: fc.integer({ min: 0, max: 12 }),
  lowAt: fc.integer({ min: 0, max: 6 }),
  reorderAt: fc.integer({ min: 0, max: 6 }),
  maxReservations: fc.integer({ min: 1, max: 4 }),
});

describe('in any order of commands and timers', () => {
  it('a stock takes, tells and counts what a shelf of single pieces does', () => {
    checkProperty(
      fc.property(thresholds, fc.array(commands, { maxLength: 60 }), (input, sequence) => {
        const model = new PieceModel(input);
        let stock = startStock(input);
        for (const command of sequence) {
          const told = tell(stock, command);
          expect(told?.[1].map(({ type }) => type) ?? null).toEqual(model.tell(command));
          stock = told?.[0] ?? stock;
          const { context } = stock;
          expect(countsOf(stock)).toEqual(model.counts);
          expect(Math.min(...countsOf(stock))).toBeGreaterThanOrEqual(0);
          expect(context.initial + context.received).toBe(
            context.available + context.reserved + context.sold,
          );
        }
      }),
      500,
    );
  });
});

describe('the chart of a stock', () => {
  it('is walked whole', () => {
    const coverage = coverChart(stockMachine, {
      inputs: [
        { sku: 'tea', initial: 0, lowAt: 2 },
        { sku: 'tea', initial: 3, lowAt: 2, reorderAt: 1 },
        { sku: 'tea', initial: 1, lowAt: 1 },
      ],
      events: ({ context }) => [
        ...(context.received < 3 ? [counted('stock.receive', 1), counted('stock.receive', 3)] : []),
        reserve('a', 1, 1_000),
        reserve('b', 2),
        reserve('c', 3),
        ...['a', 'b', 'c'].flatMap((name) => [
          named('stock.confirm', name),
          named('stock.fulfil', name),
          named('stock.release', name),
          named('stock.expire', name),
        ]),
        counted('stock.return', 1),
      ],
    });
    console.log(coverage.line);
    expect(coverage.missing).toEqual([]);
  });
});
