// `npm start` as people run it: real invoices, real processes, real SIGKILL. What it prints is read
// as they would, and its exit code as a script would.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';

const mainPath = fileURLToPath(new URL('../../examples/orders/main.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'orders-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function start(folder: string, ...argv: readonly string[]): Started {
  const child = spawn(process.execPath, [...process.execArgv, mainPath, ...argv], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    out,
    errors,
  }));
  return { child, ended };
}

function run(folder: string, ...argv: readonly string[]): Promise<Ended> {
  return start(folder, ...argv).ended;
}

/** The row of a table that begins so, its cells apart. */
function readRow(out: string, name: string): readonly string[] {
  const line = out.split('\n').find((each) => each.startsWith(`${name}  `));
  return line?.split(/ {2,}/).slice(1) ?? [];
}

/** What the gateway holds of each order, in pence, as its own ledger says. */
function readHeld(ledger: string): ReadonlyMap<string, number> {
  const db = new Database(ledger, { readonly: true });
  const rows = db
    .prepare<[], { orderId: string; heldMinor: number }>(
      `SELECT order_id AS orderId, sum(amount_minor - refunded_minor) AS heldMinor
        FROM charges WHERE status = 'captured' GROUP BY order_id ORDER BY order_id`,
    )
    .all();
  db.close();
  return new Map(rows.map(({ orderId, heldMinor }) => [orderId, heldMinor]));
}

const BALANCED = 'The books balance to the penny over 424 orders; no charge was made twice.';

describe('the run of the real orders', { timeout: 120_000 }, () => {
  it('confirms most, undoes the rest whole, balances, and does nothing twice when run again', async () => {
    const folder = createFolder();
    const first = await run(folder);
    expect(first.errors).toContain('424 of 424 orders done (100 %)');
    expect(first.code).toBe(0);
    expect(first.out).toContain('Sagas: 424 started, 0 already there');
    expect(first.out).toContain(BALANCED);
    const [orders, ordered] = readRow(first.out.split('Orders by final state')[1] ?? '', 'All');
    expect([orders, ordered]).toEqual(['424', '£184,248.33']);
    const [ours, gateway, difference] = readRow(first.out, 'Held');
    expect(ours).toBe(gateway);
    expect(difference).toBe('£0.00');
    expect(first.out).toMatch(/^completed +\d+$/m);
    expect(first.out).toMatch(/^compensated after OUT_OF_STOCK +\d+$/m);
    expect(first.out).toMatch(/^compensated after CARD_DECLINED +\d+$/m);

    const same = ['--db', 'orders.db', '--gateway-db', 'gateway.db'];
    const second = await run(folder, '--crash', ...same);
    expect(second.code).toBe(0);
    expect(second.out).toContain('Sagas: 0 started, 424 already there');
    expect(second.out).toContain('Crashes: 0 times killed');
    expect(second.out).toContain(BALANCED);
    expect(readRow(second.out, 'Held')[1]).toBe(gateway);
  });

  it('loses no order and charges nobody twice when its engine is killed five times', async () => {
    const { code, out } = await run(createFolder(), '--crash', '--seed', '3');
    expect(out).toContain('Crashes: 5 times killed by SIGKILL, 5 times started again');
    expect(out).toContain('Sagas: 424 started, 0 already there');
    expect(out).toContain(BALANCED);
    expect(code).toBe(0);
  });

  it('holds the same money and goods, to the penny, when the goods come before the money', async () => {
    const folder = createFolder();
    const few = ['--concurrency', '20'];
    const paymentFirst = await run(folder, ...few);
    const inventoryFirst = await run(folder, '--saga', 'inventory-first', ...few);
    expect(inventoryFirst.code).toBe(0);
    expect(inventoryFirst.out).toContain('Sagas: 424 started, 0 already there');
    expect(inventoryFirst.out).toContain(BALANCED);
    const held = readHeld(join(folder, 'gateway.db'));
    expect(held.size).toBeGreaterThan(380);
    expect(readHeld(join(folder, 'gateway-inventory-first.db'))).toEqual(held);
    for (const row of ['Held', 'Pieces set aside', 'CONFIRMED'])
      expect(readRow(inventoryFirst.out, row)).toEqual(readRow(paymentFirst.out, row));
    // Nobody is charged for goods that are not there.
    const [given] = readRow(inventoryFirst.out, 'Given back');
    expect(readRow(paymentFirst.out, 'Given back')[0]).not.toBe(given);
    expect(inventoryFirst.out).toMatch(/^CANCELLED +\d+ +£[\d,.]+ +£0\.00 +£0\.00$/m);
  });

  it('loses nothing with the goods first either, its engine killed five times', async () => {
    const { code, out } = await run(createFolder(), '--crash', '--saga', 'inventory-first');
    expect(out).toContain('Crashes: 5 times killed by SIGKILL, 5 times started again');
    expect(out).toContain('Sagas: 424 started, 0 already there');
    expect(out).toContain(BALANCED);
    expect(code).toBe(0);
  });

  it('goes on where it was when the whole program is killed', async () => {
    const folder = createFolder();
    const { child, ended } = start(folder);
    child.stderr?.on('data', (chunk) => {
      if (String(chunk).includes('(30 %)')) child.kill('SIGKILL');
    });
    expect((await ended).code).toBeNull();
    const again = await run(folder);
    const [, started, found] = /Sagas: (\d+) started, (\d+) already there/.exec(again.out) ?? [];
    expect(Number(started) + Number(found)).toBe(424);
    expect(Number(found)).toBeGreaterThan(100);
    expect(Number(started)).toBeGreaterThan(0);
    expect(again.out).toContain(BALANCED);
    expect(again.code).toBe(0);
  });

  it('names the order and exits with 1 when the ledger was changed by a penny', async () => {
    const folder = createFolder();
    await run(folder);
    const db = new Database(join(folder, 'gateway.db'));
    db.exec(`UPDATE charges SET refunded_minor = refunded_minor + 1
      WHERE key = 'saga-536369:payment/1';
      INSERT INTO refunds (key, charge_key, kind, amount_minor)
      VALUES ('nobody', 'saga-536369:payment/1', 'refund', 1)`);
    db.close();
    const { code, out } = await run(folder);
    expect(code).toBe(1);
    expect(out).toMatch(/^order-536369 +given back, pence +0 +1$/m);
    expect(out).toContain('The books do NOT balance');
  });

  it('says in a line what is wrong with a file or a database, and exits with 2', async () => {
    const folder = createFolder();
    writeFileSync(
      join(folder, 'text.db'),
      'no database, but long enough to be taken for one'.repeat(40),
    );
    const missing = await run(folder, '--file', 'missing.csv');
    expect(missing.code).toBe(2);
    expect(missing.errors).toBe(
      'invoice file missing.csv: expected a file that can be read, got no such file; check the path\n',
    );
    const noEngine = await run(folder, '--db', 'text.db');
    expect(noEngine.code).toBe(2);
    expect(noEngine.errors).toMatch(/^engine: Expected .*text\.db/);
    const noLedger = await run(folder, '--gateway-db', 'text.db');
    expect(noLedger.code).toBe(2);
    expect(noLedger.errors).toContain('The gateway does not start; give another --gateway-db.');
  });
});
