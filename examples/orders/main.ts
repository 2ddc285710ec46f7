// `npm start`: real invoices through durable sagas. Reads the file, starts the gateway and the engine,
// each as a process of its own, and at the end holds our books against the gateway's ledger. It hosts
// no engine and knows no money itself.

import { performance } from 'node:perf_hooks';
import { startGateway } from '../gateway/gateway-process.ts';
import type { Invoices } from '../invoices/documents.ts';
import { InvoiceFileError } from '../invoices/invoice-file.ts';
import { readInvoices } from '../invoices/invoices.ts';
import { formatCount, hasColor, type RenderOptions } from '../table.ts';
import { renderAccounting } from './accounting-report.ts';
import { compareBooks } from './books.ts';
import { renderAccount } from './books-report.ts';
import type { RunRequest } from './engine-messages.ts';
import { readGatewayBooks } from './gateway-books.ts';
import { createKillPlan } from './kill-plan.ts';
import { type RunOptions, readOptions, UsageEnd } from './options.ts';
import { createProgress } from './progress.ts';
import { EngineProcessError, type SupervisedRun, superviseEngine } from './supervisor.ts';

const KILLS = 5;

/** What goes wrong at the gateway: enough that every path of a saga is seen in one run. */
const FAULTS = {
  latencyMs: { min: 20, max: 120 },
  declineRate: 0.03,
  errorRate: 0.08,
  lostRate: 0.02,
  outOfStockRate: 0.003,
} as const;

type ExitCode = 0 | 1 | 2;

/** The gateway's process has said why. */
class GatewayStartError extends Error {
  override readonly name = 'GatewayStartError';

  constructor(cause: unknown) {
    super('The gateway does not start; give another --gateway-db.', { cause });
  }
}

const render: RenderOptions = {
  color: hasColor(process.stdout),
  width: process.stdout.columns ?? 100,
};
const now = (): number => performance.now();

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function createRequest(
  { orders, refunds }: Invoices,
  { db, concurrency, saga }: RunOptions,
  gatewayUrl: string,
): RunRequest {
  return {
    type: 'run',
    db,
    gatewayUrl,
    saga,
    concurrency,
    orders: orders.map(({ orderId, customerId, currency, totalMinor, items }) => {
      return { orderId, customerId, currency, totalMinor, items };
    }),
    refunds: refunds.map(({ refundId, orderId, amountMinor }) => {
      return { refundId, orderId, amountMinor };
    }),
  };
}

async function runEngine(request: RunRequest, options: RunOptions): Promise<SupervisedRun> {
  const total = request.orders.length;
  const progress = createProgress(process.stderr, total, now);
  try {
    return await superviseEngine({
      request,
      kills: options.crash ? createKillPlan(options.seed, KILLS, total) : [],
      onProgress: progress.update,
      onKill: (done) => progress.note(`The engine's process is killed, ${done} orders done.`),
      now,
    });
  } finally {
    progress.end();
  }
}

/** What the run itself came to: how much was new, how fast, and what the crashes left. */
function describeRun(run: SupervisedRun, total: number, isCrashRun: boolean): string {
  const started = total - run.sagasFound;
  const seconds = run.elapsedMs / 1_000;
  const rate = started > 0 && seconds > 0 ? Math.round(started / seconds) : 0;
  const lines = [
    `Sagas: ${formatCount(started)} started, ${formatCount(run.sagasFound)} already there; ` +
      `${seconds.toFixed(1)} s, ${formatCount(rate)} sagas/s.`,
  ];
  if (isCrashRun) {
    lines.push(
      `Crashes: ${run.kills} times killed by SIGKILL, ${run.kills} times started again; ` +
        `${formatCount(run.callsRecovered)} calls taken up where they were cut.`,
    );
  }
  return [...lines, ...run.books.problems.map((problem) => `Engine: ${problem}`)].join('\n');
}

/** @returns whether the books balance */
async function runInvoices(
  invoices: Invoices,
  options: RunOptions,
  gatewayUrl: string,
): Promise<boolean> {
  const request = createRequest(invoices, options, gatewayUrl);
  const run = await runEngine(request, options);
  const { orders, refunds } = run.books;
  const gateway = await readGatewayBooks(gatewayUrl);
  const comparison = compareBooks(orders, refunds, gateway);
  const { requests, replays, faults } = gateway.totals;
  print(`${renderAccount({ orders, refunds, gateway, comparison }, render)}\n`);
  print(describeRun(run, orders.length, options.crash));
  print(
    `Gateway: ${formatCount(requests)} requests, of which it spoilt ${formatCount(faults)} on ` +
      `purpose and had answered ${formatCount(replays)} before.`,
  );
  const isBalanced = comparison.differences.length === 0;
  print(
    isBalanced
      ? `The books balance to the penny over ${formatCount(orders.length)} orders; no charge was made twice.`
      : `The books do NOT balance: ${formatCount(comparison.differences.length)} differences, listed above.`,
  );
  return isBalanced;
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  const options = readOptions(argv);
  const invoices = await readInvoices(options.file);
  print(`${renderAccounting(invoices.accounting, render)}\n`);
  const gateway = await startGateway({
    db: options.gatewayDb,
    seed: options.seed,
    ...FAULTS,
  }).catch((cause: unknown) => {
    throw new GatewayStartError(cause);
  });
  try {
    return (await runInvoices(invoices, options, gateway.url)) ? 0 : 1;
  } finally {
    await gateway.stop();
  }
}

/** An expected failure is one line; anything else comes with where it came from. */
function describeFailure(error: unknown): { readonly text: string; readonly code: ExitCode } {
  if (error instanceof InvoiceFileError) return { text: error.message, code: 2 };
  if (error instanceof GatewayStartError) return { text: error.message, code: 2 };
  if (error instanceof EngineProcessError) {
    return { text: `engine: ${error.message}`, code: error.wasOpen ? 1 : 2 };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text, code: 1 };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageEnd) process.exitCode = error.exitCode;
  else {
    const { text, code } = describeFailure(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = code;
  }
}
