// `npm run example:payment-first` and its sisters, run as their users run them: the account that is
// printed, in which order all is undone, exit codes, and a database that can be opened afterwards.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from 'sagawright';
import { orderMachine } from 'sagawright/machines';
import { sqliteStore } from 'sagawright/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EXAMPLES } from '../../examples/fulfilment/fulfilments.ts';
import { SHOP_MACHINES } from '../../examples/fulfilment/shop-machines.ts';
import { happenings, runScript } from './example-command.ts';

const WHOLE = 'The books are equal; the journal agrees with every actor.';

/** Each with what the order went through, a call that is refused, and what is undone then. */
const COMMANDS = [
  {
    name: 'payment-first',
    way: 'PENDING → PAYMENT_PROCESSING → PAYMENT_COMPLETED → INVENTORY_RESERVED → CONFIRMED',
    refused: 'inventory',
    undone: ['→ voiding', 'refunded', '→ cancellingOrder'],
  },
  {
    name: 'authorize-capture',
    way: 'PENDING → PROCESSING → PAYMENT_PROCESSING → INVENTORY_RESERVED → PAYMENT_COMPLETED → CONFIRMED → SHIPPED',
    refused: 'shipment',
    undone: [
      'undoing inventory',
      'released: 2',
      'undoing authorization',
      'voided',
      'undoing order',
    ],
  },
  {
    name: 'inventory-first',
    way: 'PENDING → PROCESSING → INVENTORY_RESERVED → PAYMENT_PROCESSING → PAYMENT_COMPLETED → CONFIRMED',
    refused: 'confirmationMail',
    undone: [
      'undoing shipment',
      'cancelled: the order is cancelled',
      'undoing payment',
      'refunded',
      'undoing inventory',
      'released: 2',
      'undoing order',
    ],
  },
  {
    name: 'configured',
    way: 'PENDING → PROCESSING → INVENTORY_RESERVED → PAYMENT_PROCESSING → PAYMENT_COMPLETED → CONFIRMED',
    refused: 'shipment',
    undone: ['undoing payment', 'refunded', 'undoing inventory', 'released: 2', 'undoing order'],
  },
  {
    name: 'parallel',
    // Side by side: which comes first is not said.
    way: /^The order went PENDING → PROCESSING → .* → CONFIRMED → SHIPPED → DELIVERED\.$/,
    refused: 'shipment',
    undone: ['undoing preparation', 'refunded', 'undoing order'],
  },
] as const;

/** The calls of the example parallel. */
const CALLS = [
  'chargeCard',
  'voidCharge',
  'reserveStock',
  'releaseStock',
  'createShipment',
  'cancelShipment',
  'dispatchShipment',
  'sendMail',
];

/** Where the texts stand in the timeline, the first after another. */
function positions(happened: readonly string[], texts: readonly string[]): readonly number[] {
  return texts.map((text) => happened.findIndex((line) => line.includes(text)));
}

describe.each(COMMANDS)('npm run example:$name', ({ name, way, refused, undone }) => {
  it('tells of an order that is fulfilled, and ends with 0', async () => {
    const ended = await runScript(`example:${name}`);
    expect(ended.errors).toBe('');
    expect(ended.lines[0]).toBe(`${name}: ${EXAMPLES[name]?.title}.`);
    expect(ended.lines).toContain('The saga is completed.');
    const went = ended.lines.find((line) => line.startsWith('The order went')) ?? '';
    if (typeof way === 'string') expect(went).toBe(`The order went ${way}.`);
    else expect(went).toMatch(way);
    expect(ended.lines.at(-1)).toBe(WHOLE);
    expect(ended.code).toBe(0);
  });

  it('tells of one that is not, the last step undone first, and ends with 0', async () => {
    const ended = await runScript(`example:${name}`, ['--reject', refused]);
    const code = `${refused.toUpperCase()}_REFUSED`;
    expect(ended.lines).toContain(`The saga is compensated, because of ${refused} (${code}).`);
    const found = positions(happenings(ended), [`${code} (rejected)`, ...undone]);
    expect(found).not.toContain(-1);
    expect(found).toEqual([...found].sort((one, other) => one - other));
    expect(ended.lines.at(-1)).toBe(WHOLE);
    expect(ended.code).toBe(0);
  });
});

describe('the commands of the five examples', () => {
  it('say what is wrong with what they cannot do, and end with 2', async () => {
    const wrong = [
      ['--fail', 'weather'],
      // A step of another example.
      ['--fail', 'capture'],
      ['--fast'],
      ['payment', 'inventory'],
    ];
    const runs = wrong.map((args) => runScript('example:inventory-first', args));
    for (const { code, errors, lines } of await Promise.all(runs)) {
      expect(code).toBe(2);
      expect(errors).toMatch(/^error: /);
      expect(lines).toEqual(['']);
    }
  });

  it('say what they can do, and end with 0', async () => {
    const { code, lines } = await runScript('example:configured', ['--help']);
    expect(code).toBe(0);
    expect(lines[0]).toContain('npm run example:configured --');
  });

  it('leave a database that can be opened and folds to what it says, and take no other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sagawright-fulfilment-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const db = join(folder, 'shop.db');
    expect((await runScript('example:parallel', ['--db', db])).code).toBe(0);
    const saga = EXAMPLES['parallel']?.saga ?? orderMachine;
    const refuse = (): never => {
      throw new Error('There is nothing left to do.');
    };
    await using engine = await openEngine({
      store: sqliteStore(db),
      machines: [...SHOP_MACHINES, saga],
      handlers: Object.fromEntries(CALLS.map((call) => [call, refuse])),
    });
    const { mismatches } = await engine.verify();
    expect(mismatches).toEqual([]);
    const order = await engine.actor(orderMachine, 'order-123').snapshot();
    expect(order.matches('DELIVERED')).toBe(true);
    const again = await runScript('example:parallel', ['--db', db]);
    expect(again.code).toBe(2);
    expect(again.errors).toContain('not there yet');
  });
});
