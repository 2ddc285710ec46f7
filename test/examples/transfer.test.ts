// `npm run example:transfer`, run as its users run it: what it prints, what a second run on the same file
// leaves alone, that a kill in the middle costs nothing, and that its books can also fail.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import type { AccountContext, MovementFact } from 'sagawright/machines';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkBooks } from '../../examples/transfer/books.ts';

const program = fileURLToPath(new URL('../../examples/transfer/main.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** @param onText called with all that was printed so far */
async function run(
  args: readonly string[],
  onText: (text: string, child: ChildProcess) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, [...process.execArgv, program, ...args]);
  let text = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    onText(text, child);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: text.trimEnd().split('\n'), errors };
}

function createDatabase(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sagawright-transfer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'bank.db');
}

const rowOf = ({ lines }: Ended, account: string): string =>
  lines.find((line) => line.startsWith(account)) ?? '';

describe('the example of transfers', () => {
  it('shows one that is made, asked for again, refused; then many, and books that balance', async () => {
    const { code, lines, errors } = await run(['--transfers', '400']);
    expect(errors).toBe('');
    expect(lines.slice(0, 6)).toEqual([
      'A transfer: £250.00 from current to rent: done;',
      '  then current has £750.00, rent has £1,250.00.',
      'The same again: £250.00 from current to rent: done;',
      '  then current has £750.00, rent has £1,250.00.',
      'Too much: £250,000.00 from savings to current: INSUFFICIENT_FUNDS;',
      '  then savings has £1,000.00, current has £750.00.',
    ]);
    expect(lines[6]).toMatch(
      /^At one time: 400 transfers, of which \d+ are done and \d+ refused\.$/,
    );
    const done = Number(/which (\d+) are/.exec(lines[6] ?? '')?.[1]);
    expect(lines[7]).toMatch(/^ {2}read meanwhile \d+ times: £5,000\.00 in all\.$/);
    expect(lines[8]).toBe('');
    expect(lines[9]).toMatch(/^Account +Opened with +Came in +Went out +Balance$/);
    expect(new Set(lines.slice(9, 18).map(({ length }) => length)).size).toBe(1);
    expect(rowOf({ code, lines, errors }, 'all')).toMatch(/^all +£5,000\.00 .* £5,000\.00$/);
    // Both sides of each, and of the first one.
    const movements = (2 * (done + 1)).toLocaleString('en');
    expect(lines.at(-1)).toBe(`The books balance to the penny over ${movements} movements.`);
    expect(code).toBe(0);
  });

  it('moves no money again when it runs a second time on its file', async () => {
    const db = createDatabase();
    const first = await run(['--db', db, '--transfers', '0']);
    const second = await run(['--db', db, '--transfers', '0']);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(second.lines[1]).toBe('  then current has £750.00, rent has £1,250.00.');
    expect(second.lines.at(-1)).toBe('The books balance to the penny over 2 movements.');
  });

  it('keeps its books when it is killed in the middle of many transfers', async () => {
    const db = createDatabase();
    const killed = await run(['--db', db, '--transfers', '20000'], (text, child) => {
      if (text.includes('then savings')) child.kill('SIGKILL');
    });
    expect(killed.code).toBeNull();
    expect(killed.lines.join()).not.toContain('The books');
    const after = await run(['--db', db, '--transfers', '300']);
    expect(after.lines.at(-1)).toMatch(/^The books balance to the penny over [\d,]+ movements\.$/);
    expect(after.code).toBe(0);
  });

  it('ends with 1 when a movement was forged: the books do not balance', async () => {
    const db = createDatabase();
    await run(['--db', db, '--transfers', '0']);
    const forger = new Database(db);
    forger
      .prepare(
        "UPDATE journal SET data = replace(data, '25000', '25100') WHERE type = 'account.credited'",
      )
      .run();
    forger.close();
    const { code, lines } = await run(['--db', db, '--transfers', '0']);
    expect(lines).toContain('rent holds 125000, its movements say 125100.');
    expect(lines).toContain('rent-2026-01 has 2 sides, which leave 100.');
    expect(lines.at(-1)).toMatch(/^The books do NOT balance: \d+ problems, listed above\.$/);
    expect(code).toBe(1);
  });

  it.each([
    ['a count that is none', ['--transfers', 'many']],
    ['a file without a name', ['--db', ' ']],
    ['a flag that there is not', ['--fast']],
  ])('says what is wrong with %s, and ends with 2', async (_what, args) => {
    const { code, errors, lines } = await run(args);
    expect(code).toBe(2);
    expect(errors.trim()).not.toBe('');
    expect(lines).toEqual(['']);
  });

  it('says that a file is no database, ends with 2 and leaves it as it is', async () => {
    const db = createDatabase();
    const text = 'Not a database. '.repeat(100);
    writeFileSync(db, text);
    const { code, errors } = await run(['--db', db]);
    expect(code).toBe(2);
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(readFileSync(db, 'utf8')).toBe(text);
  });
});

describe('the books of accounts', () => {
  const account = (accountId: string, balanceMinor: number): AccountContext => ({
    accountId,
    currency: 'GBP',
    openingMinor: 100,
    balanceMinor,
    creditedMinor: 0,
    debitedMinor: 0,
  });
  const side = (
    accountId: string,
    type: MovementFact['type'],
    amountMinor: number,
  ): MovementFact => ({
    type,
    accountId,
    transferId: 't',
    amountMinor,
    currency: 'GBP',
    balanceMinor: 0,
  });
  const debit = side('a', 'account.debited', 30);
  const credit = side('b', 'account.credited', 30);

  it('balance when each transfer has its two sides', () => {
    const books = checkBooks([account('a', 70), account('b', 130)], [debit, credit]);
    expect(books).toEqual({ movements: 2, totalMinor: 200, problems: [] });
  });

  it.each([
    [
      'a side is missing',
      [account('a', 70), account('b', 100)],
      [debit],
      [/leave -30/, /hold 170/],
    ],
    [
      'an account says more',
      [account('a', 70), account('b', 140)],
      [debit, credit],
      [/b holds/, /hold 210/],
    ],
    [
      'money moved twice',
      [account('a', 40), account('b', 160)],
      [debit, credit, debit, credit],
      [/4 sides/],
    ],
    [
      'an account is overdrawn',
      [account('a', -30)],
      [side('a', 'account.debited', 130)],
      [/below zero/],
    ],
  ])('do not when %s', (_what, accounts, facts, expected) => {
    const { problems } = checkBooks(accounts, facts);
    for (const pattern of expected) {
      expect(problems).toContainEqual(expect.stringMatching(pattern));
    }
  });
});
