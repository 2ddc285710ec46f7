// `npm run example:transfer`: money between accounts by `engine.transact`. One transfer is made, asked for
// again and refused; then many at one time, while readers watch that the sum stays what it is. At the
// end the books are held against the journal.

import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { CommanderError } from 'commander';
import { type Engine, EngineError, Rejected } from 'sagawright';
import type { AccountContext, MovementFact, Transfer } from 'sagawright/machines';
import { formatCount, formatMoney, hasColor, renderTable } from '../table.ts';
import { ACCOUNTS, CURRENCY, OPENING_MINOR, openBank, readAccounts, transfer } from './bank.ts';
import { type Books, checkBooks } from './books.ts';
import { readOptions, type TransferOptions } from './options.ts';

const MAX_AMOUNT_MINOR = 50_000;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A number from 0 to below `below` that the seed has chosen. */
function draw(seed: number, what: string, below: number): number {
  const digest = hash('sha256', JSON.stringify([seed, what]), 'hex');
  return Number.parseInt(digest.slice(0, 12), 16) % below;
}

function createTransfer(seed: number, n: number): Transfer {
  const from = draw(seed, `from ${n}`, ACCOUNTS.length);
  const to = (from + 1 + draw(seed, `to ${n}`, ACCOUNTS.length - 1)) % ACCOUNTS.length;
  return {
    from: ACCOUNTS[from] ?? '',
    to: ACCOUNTS[to] ?? '',
    transferId: `transfer-${seed}-${n}`,
    amountMinor: 1 + draw(seed, `amount ${n}`, MAX_AMOUNT_MINOR),
    currency: CURRENCY,
  };
}

/** How a transfer ended: `done`, or why it was refused. */
async function tryTransfer(engine: Engine, order: Transfer): Promise<string> {
  try {
    await transfer(engine, order);
    return 'done';
  } catch (error) {
    if (error instanceof Rejected) return error.code;
    throw error;
  }
}

async function showTransfer(engine: Engine, what: string, order: Transfer): Promise<void> {
  const end = await tryTransfer(engine, order);
  const accounts = await readAccounts(engine);
  const holds = (id: string): string =>
    formatMoney(accounts.find(({ accountId }) => accountId === id)?.balanceMinor ?? 0);
  print(`${what}: ${formatMoney(order.amountMinor)} from ${order.from} to ${order.to}: ${end};`);
  print(`  then ${order.from} has ${holds(order.from)}, ${order.to} has ${holds(order.to)}.`);
}

/** Reads all accounts again and again until it is told to stop; answers with every sum that it saw. */
async function watchSums(
  engine: Engine,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, number>> {
  const sums = new Map<number, number>();
  while (!signal.aborted) {
    const accounts = await readAccounts(engine);
    const sumMinor = accounts.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0);
    sums.set(sumMinor, (sums.get(sumMinor) ?? 0) + 1);
    await setImmediate();
  }
  return sums;
}

/** @returns whether every reader saw the sum that all accounts opened with */
async function runMany(engine: Engine, { transfers, seed }: TransferOptions): Promise<boolean> {
  const orders = Array.from({ length: transfers }, (_, n) => createTransfer(seed, n));
  const end = new AbortController();
  const watching = watchSums(engine, end.signal);
  const ends = await Promise.all(orders.map((order) => tryTransfer(engine, order)));
  end.abort();
  const sums = await watching;
  const done = ends.filter((how) => how === 'done').length;
  print(
    `At one time: ${formatCount(transfers)} transfers, of which ${formatCount(done)} are done and ` +
      `${formatCount(transfers - done)} refused.`,
  );
  for (const [sumMinor, times] of sums) {
    print(`  read meanwhile ${formatCount(times)} times: ${formatMoney(sumMinor)} in all.`);
  }
  return [...sums.keys()].every((sumMinor) => sumMinor === OPENING_MINOR * ACCOUNTS.length);
}

async function readMovements(engine: Engine): Promise<readonly MovementFact[]> {
  const facts: MovementFact[] = [];
  for await (const { kind, type, data } of engine.events()) {
    const isMovement = type === 'account.credited' || type === 'account.debited';
    if (kind === 'emitted' && isMovement) facts.push(data as MovementFact);
  }
  return facts;
}

function printAccounts(accounts: readonly AccountContext[], { totalMinor }: Books): void {
  const sumOf = (field: 'openingMinor' | 'creditedMinor' | 'debitedMinor'): number =>
    accounts.reduce((sum, account) => sum + account[field], 0);
  const table = renderTable(
    {
      columns: [
        { title: 'Account' },
        { title: 'Opened with', format: 'money' },
        { title: 'Came in', format: 'money' },
        { title: 'Went out', format: 'money' },
        { title: 'Balance', format: 'money' },
      ],
      rows: accounts.map(
        ({ accountId, openingMinor, creditedMinor, debitedMinor, balanceMinor }) => [
          accountId,
          openingMinor,
          creditedMinor,
          debitedMinor,
          balanceMinor,
        ],
      ),
      footer: [
        'all',
        sumOf('openingMinor'),
        sumOf('creditedMinor'),
        sumOf('debitedMinor'),
        totalMinor,
      ],
    },
    { color: hasColor(process.stdout) },
  );
  print(`\n${table}\n`);
}

/** @returns whether the books balance */
async function run(engine: Engine, options: TransferOptions): Promise<boolean> {
  const rent = { from: 'current', to: 'rent', transferId: 'rent-2026-01', currency: CURRENCY };
  await showTransfer(engine, 'A transfer', { ...rent, amountMinor: 25_000 });
  await showTransfer(engine, 'The same again', { ...rent, amountMinor: 25_000 });
  const house = { from: 'savings', to: 'current', transferId: 'house', currency: CURRENCY };
  await showTransfer(engine, 'Too much', { ...house, amountMinor: 25_000_000 });
  const isSteady = await runMany(engine, options);

  const accounts = await readAccounts(engine);
  const books = checkBooks(accounts, await readMovements(engine));
  const { mismatches } = await engine.verify();
  printAccounts(accounts, books);
  const problems = [
    ...books.problems,
    ...(isSteady ? [] : ['A reader saw another sum than the accounts opened with.']),
    ...mismatches.map((mismatch) => `The journal folds to ${JSON.stringify(mismatch)}.`),
  ];
  for (const problem of problems) print(problem);
  print(
    problems.length === 0
      ? `The books balance to the penny over ${formatCount(books.movements)} movements.`
      : `The books do NOT balance: ${formatCount(problems.length)} problems, listed above.`,
  );
  return problems.length === 0;
}

async function main(argv: readonly string[]): Promise<0 | 1> {
  const options = readOptions(argv);
  await using engine = await openBank(options.db);
  return (await run(engine, options)) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof EngineError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  } else throw error;
}
