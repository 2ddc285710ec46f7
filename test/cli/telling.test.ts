// `sagawright send`, `retry` and `compensate`: what they tell an actor, what they print and how they exit,
// on databases that the shop of examples/fulfilment has made.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type EngineOptions, openEngine, Rejected } from 'sagawright';
import { orderMachine } from 'sagawright/machines';
import { sqliteStore } from 'sagawright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CALLS } from '../saga/order-saga.ts';
import { order } from './held-saga.ts';
import { type Ran, runCommand, type Scene } from './recorded-run.ts';
import { contentsOf, SHOP_MACHINES, ShopDatabase } from './shop-database.ts';
import { machines } from './shop-machines.ts';

const SAGA = 'fulfilment-123';
const ORDER = 'order-123';
const CANCELLATION = ['order.requestCancellation', '--data', '{"reason":"too late"}'];

/** A saga whose undo was given up, and which waits for people. */
const shop = new ShopDatabase();

beforeAll(
  () => shop.run('inventory-first', { shipment: 'reject', 'payment.undo': 'fail' }),
  30_000,
);
afterAll(() => shop[Symbol.dispose]());

function on(db: string, args: readonly string[], scene: Scene = {}) {
  return runCommand([...args, '--db', db, '--machines', SHOP_MACHINES], scene);
}

/** The last document that a command has printed. */
function jsonOf({ printed }: Ran): unknown {
  return JSON.parse(printed);
}

describe('sagawright send', () => {
  it('sends an event, and says where the actor is now', async () => {
    const db = shop.copy();
    const sent = await on(db, ['send', ORDER, ...CANCELLATION, '--yes']);
    expect(sent).toMatchObject({ exit: 0, complained: '' });
    expect(sent.printed).toMatch(/^order-123 took .*: now in CANCELLING\.$/);
    const shown = await on(db, ['show', ORDER, '--json']);
    expect(JSON.stringify(jsonOf(shown))).toContain('too late');
  });

  it('exits with 4 for what the actor rejects, and names what it takes', async () => {
    const db = shop.copy();
    // Each open remembers the machines that it was given.
    await on(db, ['migrate', '--yes']);
    const before = await contentsOf(db);
    const sent = await on(db, ['send', ORDER, 'order.nonsense', '--yes']);
    expect(sent).toMatchObject({ exit: 4, printed: '' });
    expect(sent.complained).toContain('which does not take it; it has transitions for order.');
    const guarded = await on(db, ['send', ORDER, 'order.cancel', '--yes']);
    expect(guarded.complained).toContain('which refuses it as it is');
    expect(await contentsOf(db)).toEqual(before);
  });

  it('shows what would change with --dry-run, and writes nothing', async () => {
    const db = shop.copy();
    const before = await contentsOf(db);
    const look = await on(db, ['send', ORDER, ...CANCELLATION, '--dry-run']);
    expect(look.exit).toBe(0);
    expect(look.printed).toContain(
      'order-123 would take order.requestCancellation: PAYMENT_COMPLETED → CANCELLING',
    );
    expect(look.printed).toContain('emits    order.cancellationRequested (order-123)');
    expect((await on(db, ['send', ORDER, 'order.nonsense', '--dry-run'])).exit).toBe(4);
    expect(jsonOf(await on(db, ['send', SAGA, 'RETRY', '--dry-run', '--json']))).toMatchObject({
      dryRun: true,
      status: 'accepted',
      before: { value: 'needsAttention' },
      after: { value: { compensating: 'payment' } },
      effects: { started: [{ name: 'voidCharge' }] },
    });
    expect(await contentsOf(db)).toEqual(before);
  });

  it('asks on a terminal, and does nothing without a yes', async () => {
    const db = shop.copy();
    const before = await contentsOf(db);
    const declined = await on(db, ['send', ORDER, ...CANCELLATION], { answer: false });
    expect(declined.asked).toEqual(['Send order.requestCancellation to order-123?']);
    expect(declined).toMatchObject({ exit: 0 });
    expect(declined.printed).toContain('Nothing was changed.');
    expect(await contentsOf(db)).toEqual(before);
    const agreed = await on(db, ['send', ORDER, ...CANCELLATION], { answer: true });
    expect(agreed.printed).toContain('now in CANCELLING');
  });

  it('sends only what was agreed to: not to an actor that has changed since', async () => {
    const db = shop.copy();
    const confirm = async (): Promise<boolean> => {
      await on(db, ['send', ORDER, CANCELLATION[0] ?? '', '--data', '{"reason":"first"}', '--yes']);
      return true;
    };
    const args = ['send', ORDER, ...CANCELLATION, '--db', db, '--machines', SHOP_MACHINES];
    const late = await runCommand(args, { confirm });
    expect(late.exit).toBe(4);
    expect(late.complained).toContain('revision');
    expect(JSON.stringify(await contentsOf(db))).not.toContain('too late');
  });

  it('asks nobody about what would be rejected', async () => {
    const refused = await on(shop.copy(), ['send', ORDER, 'order.nonsense'], { answer: true });
    expect(refused).toMatchObject({ exit: 4, asked: [] });
  });

  it('exits with 2 when nobody can be asked', async () => {
    const db = shop.copy();
    const before = await contentsOf(db);
    for (const more of [[], ['--json']]) {
      const scene = more.length > 0 ? { answer: true } : {};
      const asked = await on(db, ['send', ORDER, ...CANCELLATION, ...more], scene);
      expect(asked).toMatchObject({ exit: 2, printed: '', asked: [] });
      expect(asked.complained).toContain('Expected --yes, or a terminal to ask on');
    }
    expect(await contentsOf(db)).toEqual(before);
  });

  it('changes nothing a second time under its key, and refuses another body', async () => {
    const db = shop.copy();
    await on(db, ['send', ORDER, ...CANCELLATION, '--yes', '--key', 'k']);
    const before = await contentsOf(db);
    const again = await on(db, ['send', ORDER, ...CANCELLATION, '--yes', '--key', 'k']);
    expect(again).toMatchObject({ exit: 0 });
    expect(again.printed).toContain('under this key before, at revision 15');
    // Asked first: what it would do now is no news for a key that has its receipt.
    const asked = await on(db, ['send', ORDER, ...CANCELLATION, '--key', 'k'], { answer: true });
    expect(asked.printed).toContain('under this key before');
    const other = ['order.requestCancellation', '--data', '{"reason":"other"}'];
    expect(await on(db, ['send', ORDER, ...other, '--yes', '--key', 'k'])).toMatchObject({
      exit: 4,
    });
    expect(await contentsOf(db)).toEqual(before);
  });

  it('refuses an actor that is at another revision than expected', async () => {
    const sent = ['send', ORDER, ...CANCELLATION, '--yes', '--expected-revision'];
    const late = await on(shop.copy(), [...sent, '3']);
    expect(late).toMatchObject({ exit: 4 });
    expect(late.complained).toContain('revision');
    expect(await on(shop.copy(), [...sent, '3', '--dry-run'])).toMatchObject({
      exit: 4,
      printed: '',
    });
    expect((await on(shop.copy(), [...sent, '14'])).exit).toBe(0);
  });

  it('reads the members of the event from a file and from standard input', async () => {
    const file = shop.path('event.json');
    writeFileSync(file, '{"reason":"from a file"}');
    const type = 'order.requestCancellation';
    const sent = await on(shop.copy(), [
      'send',
      ORDER,
      type,
      '--data',
      `@${file}`,
      '--yes',
      '--json',
    ]);
    expect(jsonOf(sent)).toMatchObject({
      event: { type, reason: 'from a file' },
      receipt: { status: 'accepted' },
      now: { value: 'CANCELLING' },
    });
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
    const args = ['--db', shop.copy(), '--machines', SHOP_MACHINES, '--yes', '--json'];
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--conditions=sagawright-source', main, 'send', ORDER, type, '--data', '-', ...args],
      { input: '{"reason":"from a pipe"}', encoding: 'utf8' },
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ event: { reason: 'from a pipe' } });
  });

  it.each([
    ['broken JSON', ['--data', '{"reason":'], 'Expected JSON in --data'],
    ['data that is no object', ['--data', '[1]'], 'Expected --data to be a JSON object'],
    ['data of another type', ['--data', '{"type":"x"}'], 'Expected --data without a type'],
    [
      'a file that is not there',
      ['--data', '@none.json'],
      'Expected --data @none.json to be readable',
    ],
    ['a revision that is none', ['--expected-revision', '-1'], 'Expected --expected-revision'],
  ])('exits with 2 for %s', async (_what, more, words) => {
    const db = shop.copy();
    const before = await contentsOf(db);
    const sent = await on(db, ['send', ORDER, 'order.requestCancellation', '--yes', ...more]);
    expect(sent).toMatchObject({ exit: 2, printed: '' });
    expect(sent.complained).toContain(words);
    expect(await contentsOf(db)).toEqual(before);
  });

  it('exits with 3 where there is no such actor or database, and makes neither', async () => {
    const nobody = await on(shop.copy(), ['send', 'order-999', 'order.cancel', '--yes']);
    expect(nobody).toMatchObject({ exit: 3, printed: '' });
    const none = shop.path('none.db');
    expect(await on(none, ['send', ORDER, 'order.cancel', '--yes'])).toMatchObject({ exit: 3 });
    expect(await on(none, ['send', ORDER, 'order.cancel', '--dry-run'])).toMatchObject({ exit: 3 });
  });

  it('needs the machines', async () => {
    const sent = await runCommand(['send', ORDER, 'order.cancel', '--db', shop.copy(), '--yes']);
    expect(sent).toMatchObject({ exit: 2 });
    expect(sent.complained).toContain('Expected the machines of the actors');
  });

  it('exits with 5 beside a running engine, and names its process; looking works', async () => {
    const db = shop.copy();
    const engine = await openEngine({
      store: sqliteStore(db),
      machines: machines as never,
      effects: 'hold',
    });
    try {
      const sent = await on(db, ['send', ORDER, ...CANCELLATION, '--yes']);
      expect(sent).toMatchObject({ exit: 5, printed: '' });
      expect(sent.complained).toContain(String(process.pid));
      expect((await on(db, ['send', ORDER, ...CANCELLATION, '--dry-run'])).exit).toBe(0);
      expect((await engine.actor(orderMachine, ORDER).snapshot()).value).toBe('PAYMENT_COMPLETED');
    } finally {
      await engine.stop();
    }
  });
});

describe('sagawright retry', () => {
  it('tells a saga that waits for people RETRY; its undo waits for the next engine', async () => {
    const db = shop.copy();
    const retried = await on(db, ['retry', SAGA, '--yes']);
    expect(retried.exit).toBe(0);
    expect(retried.printed.split('\n')).toEqual([
      'fulfilment-123 took RETRY at revision 8: now in compensating.payment.',
      '  waits for the next engine: voidCharge, key fulfilment-123:payment/1/undo/1',
    ]);
    expect((await on(db, ['verify'])).exit).toBe(0);
  });

  it('only shows it with --dry-run', async () => {
    const db = shop.copy();
    const before = await contentsOf(db);
    const look = await on(db, ['retry', SAGA, '--dry-run']);
    expect(look.printed).toContain('would take RETRY: needsAttention → compensating.payment');
    expect(look.printed).toContain('calls    voidCharge of fulfilment-123');
    expect(await contentsOf(db)).toEqual(before);
  });

  it('exits with 4 for an actor that does not stand still', async () => {
    expect(await on(shop.copy(), ['retry', ORDER, '--yes'])).toMatchObject({
      exit: 4,
      printed: '',
    });
  });

  it('exits with 3 for nobody', async () => {
    expect(await on(shop.copy(), ['retry', 'nobody', '--yes'])).toMatchObject({ exit: 3 });
  });
});

const SAGA_MACHINES = fileURLToPath(new URL('held-saga.ts', import.meta.url));
const ok = (): Promise<unknown> => Promise.resolve('receipt');
const no = (): Promise<never> => Promise.reject(new Rejected('NO'));

/** The calls of the saga; all go well but for those given. */
function handlersOf(given: EngineOptions['handlers'] = {}): NonNullable<EngineOptions['handlers']> {
  return { ...Object.fromEntries(CALLS.map((name) => [name, ok])), ...given };
}

/** A database with one saga, which its engine has left as it is. */
async function sagaIn(name: string, options: Partial<EngineOptions>, state: string | null) {
  const db = shop.path(name);
  const engine = await openEngine({ store: sqliteStore(db), machines: [order], ...options });
  const saga = await engine.start(order, { id: 's', input: {} });
  if (state !== null) await saga.waitFor(state);
  await engine.stop();
  return db;
}

/** How the saga ends once its own program runs again. */
async function endOf(db: string): Promise<unknown> {
  const options = { store: sqliteStore(db), machines: [order], handlers: handlersOf() };
  const engine = await openEngine(options);
  try {
    return await engine.actor(order, 's').result();
  } finally {
    await engine.stop();
  }
}

describe('sagawright compensate', () => {
  const told = (db: string, ...args: readonly string[]) =>
    runCommand(['compensate', 's', ...args, '--db', db, '--machines', SAGA_MACHINES]);

  it('turns a held saga back by COMPENSATE; its undos run in its own program', async () => {
    const db = await sagaIn('held.db', { handlers: handlersOf({ reserve: no }) }, 'held');
    const look = await told(db, '--dry-run');
    expect(look.printed).toContain('s would take COMPENSATE: held → compensating.pay');
    const { exit, printed } = await told(db, '--yes');
    expect(exit).toBe(0);
    expect(printed).toMatch(/^s took COMPENSATE at revision \d+: now in compensating\.pay\.$/m);
    expect(printed).toContain('waits for the next engine: pay.compensate');
    expect(await endOf(db)).toMatchObject({ status: 'compensated', failure: { code: 'NO' } });
  });

  it('turns any other back by CANCEL, with the reason', async () => {
    const db = await sagaIn('held-calls.db', { effects: 'hold' }, null);
    const { exit, printed } = await told(db, '--reason', 'too late', '--yes', '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(printed)).toMatchObject({
      event: { type: 'CANCEL', reason: 'too late' },
      receipt: { status: 'accepted' },
    });
    const shown = await runCommand(['history', 's', '--db', db, '--json']);
    expect(shown.printed).toContain('too late');
  });

  it('exits with 5 beside a running engine', async () => {
    const db = await sagaIn('busy.db', { effects: 'hold' }, null);
    const engine = await openEngine({ store: sqliteStore(db), machines: [order], effects: 'hold' });
    expect(await told(db, '--yes')).toMatchObject({ exit: 5, printed: '' });
    expect((await told(db, '--dry-run')).exit).toBe(0);
    await engine.stop();
  });

  it('is refused by a saga that has turned back already', async () => {
    const db = shop.copy();
    const refused = await on(db, ['compensate', SAGA, '--yes']);
    expect(refused).toMatchObject({ exit: 4, printed: '' });
    expect(refused.complained).toContain('it has transitions for RESOLVE, RETRY');
  });
});
