// One expense from start to end. While a person is waited for, the engine stops and another one opens the
// same file: the wait goes on. Tells it as a timeline, with the cashier's books, and says whether they are
// equal.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, type HandlerArgs, openEngine, type SagaOutput } from 'sagawright';
import { approvalMachine } from 'sagawright/machines';
import { sqliteStore } from 'sagawright/store';
import { type Books, compare } from '../fulfilment/books.ts';
import { readTimeline } from '../fulfilment/timeline.ts';
import type { Print } from '../program.ts';
import { type RenderOptions, renderTable } from '../table.ts';
import { Cashier } from './cashier.ts';
import {
  LIMIT_MINOR,
  largeExpense,
  type PayRequest,
  type ReleaseRequest,
  type SetAsideRequest,
  smallExpense,
} from './expense.ts';
import type { ApprovalOptions } from './options.ts';

/** The address of the saga. */
const SAGA_ID = 'expense-123';
const DECISION_MS = 60_000;
/** How long somebody is waited for who does not come. */
const SOON_MS = 1_000;

export interface Ended {
  /** How the saga has ended. */
  readonly saga: string;
  readonly paidMinor: number;
  /** How many engines it took. */
  readonly engines: number;
  /** Whether the books are equal, and the journal agrees. */
  readonly isWhole: boolean;
}

export async function runApproval(
  options: ApprovalOptions,
  print: Print,
  look: RenderOptions = {},
): Promise<Ended> {
  if (options.db !== null) return runOn(options.db, options, print, look);
  const folder = await mkdtemp(join(tmpdir(), 'sagawright-approval-'));
  try {
    return await runOn(join(folder, 'expenses.db'), options, print, look);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runOn(
  db: string,
  { amountMinor, decision }: ApprovalOptions,
  print: Print,
  look: RenderOptions,
): Promise<Ended> {
  const cashier = new Cashier();
  const isLarge = amountMinor >= LIMIT_MINOR;
  const engines = isLarge ? 2 : 1;
  if (isLarge) {
    await using engine = await open(db, cashier);
    const decisionMs = decision === 'none' ? SOON_MS : DECISION_MS;
    const input = { expenseId: SAGA_ID, what: 'a new printer', amountMinor, decisionMs };
    const saga = await engine.start(largeExpense, { id: SAGA_ID, input });
    await saga.waitFor({ fulfilling: 'AWAITING_APPROVAL' });
    print('A person is asked. The engine stops, and another one opens the same file.');
  }
  await using engine = await open(db, cashier);
  const { status, failure } = isLarge
    ? await decide(engine, decision)
    : await paySmall(engine, amountMinor);
  print(renderTable(await readTimeline(engine, SAGA_ID), look));
  print(`\nThe expense is ${status}${failure === null ? '.' : `: ${failure.message}`}\n`);
  const { table, areEqual } = readBooks(cashier, status === 'completed' ? amountMinor : 0);
  print(renderTable(table, look));
  const { mismatches } = await engine.verify();
  const isVerified = mismatches.length === 0;
  print(
    `\n${areEqual ? 'The books are equal' : 'THE BOOKS DIFFER'}; the journal ${isVerified ? 'agrees with every actor' : 'DISAGREES'}.`,
  );
  const paidMinor = cashier.sumMinor('paid');
  return { saga: status, paidMinor, engines, isWhole: areEqual && isVerified };
}

function open(db: string, cashier: Cashier): Promise<Engine> {
  return openEngine({
    store: sqliteStore(db),
    machines: [smallExpense, largeExpense, approvalMachine],
    handlers: {
      setAside: async ({ key, input }: HandlerArgs<SetAsideRequest>) =>
        cashier.setAside(key, input.amountMinor),
      release: async ({ key, input }: HandlerArgs<ReleaseRequest>) =>
        cashier.release(key, input.undoes.key),
      payOut: async ({ key, input }: HandlerArgs<PayRequest>) =>
        cashier.payOut(key, input.budgetKey),
    },
  });
}

type Result = Pick<SagaOutput, 'failure' | 'status'>;

async function paySmall(engine: Engine, amountMinor: number): Promise<Result> {
  const input = { expenseId: SAGA_ID, what: 'paper', amountMinor, decisionMs: DECISION_MS };
  return (await engine.start(smallExpense, { id: SAGA_ID, input })).result();
}

/** What the person says, to an engine that did not ask. */
async function decide(engine: Engine, decision: ApprovalOptions['decision']): Promise<Result> {
  const approval = engine.actor(approvalMachine, `${SAGA_ID}/approval`);
  const by = 'the head of the office';
  if (decision === 'approve') await approval.send({ type: 'approval.approve', by });
  if (decision === 'reject') {
    await approval.send({ type: 'approval.reject', by, reason: 'the old one prints' });
  }
  return engine.actor(largeExpense, SAGA_ID).result();
}

/** What the cashier says, against what the saga's end asks for. */
function readBooks(cashier: Cashier, dueMinor: number): Books {
  return compare([
    { what: 'cents paid out', outside: cashier.sumMinor('paid'), onRecord: dueMinor },
    { what: 'cents set aside', outside: cashier.sumMinor('aside'), onRecord: 0 },
  ]);
}
