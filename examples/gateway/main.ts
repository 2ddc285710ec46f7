// The gateway's command line. Prints one JSON line with its address when it is ready, and runs
// until it is told to stop: SIGTERM, SIGINT, or the end of its parent when that was asked for.

import { Command, InvalidArgumentError, Option } from 'commander';
import { noFaults } from './faults.ts';
import { type GatewayOptions, openGateway } from './gateway.ts';
import { LedgerError } from './schema.ts';

interface Flags extends GatewayOptions {
  readonly exitWithParent: boolean;
}

function readFlags(argv: readonly string[]): Flags {
  const command = new Command('gateway')
    .description('A payment and stock gateway with its own durable ledger.')
    .requiredOption('--db <file>', 'the ledger; created when it is not there')
    .addOption(numberOption('--port <number>', 'on 127.0.0.1; 0 takes any free one', 0))
    .addOption(numberOption('--seed <integer>', 'chooses what goes wrong', noFaults.seed))
    .addOption(
      new Option('--latency-ms <min..max>', 'how long each request takes')
        .argParser(parseRange)
        .default(noFaults.latencyMs, '0..0'),
    )
    .addOption(numberOption('--decline-rate <0..1>', 'share of orders that are declined', 0))
    .addOption(numberOption('--error-rate <0..1>', 'share of requests answered by a 5xx', 0))
    .addOption(numberOption('--lost-rate <0..1>', 'share of requests never answered', 0))
    .addOption(numberOption('--out-of-stock-rate <0..1>', 'share of scarce stock codes', 0))
    .option('--exit-with-parent', 'stop when the IPC channel to the parent closes', false)
    .parse([...argv]);
  const flags = command.opts<Flags>();
  if (flags.exitWithParent && !process.connected) {
    const expected = 'an IPC channel for --exit-with-parent, such as fork() opens';
    command.error(`error: expected ${expected}, got none`);
  }
  return flags;
}

function numberOption(flags: string, description: string, byDefault: number): Option {
  return new Option(flags, description).argParser(parseNumber).default(byDefault);
}

function parseNumber(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('expected a number');
  return value;
}

function parseRange(text: string): { min: number; max: number } {
  const [min, max = min, ...rest] = text.split('..');
  if (min === undefined || max === undefined || rest.length > 0) {
    throw new InvalidArgumentError('expected min..max, such as 5..50');
  }
  return { min: parseNumber(min), max: parseNumber(max) };
}

async function main(): Promise<void> {
  const { exitWithParent, ...options } = readFlags(process.argv);
  const gateway = await openGateway(options);
  const stop = (): void => {
    // Exits by itself once nothing is open; what keeps it alive would be a bug worth seeing.
    if (process.connected) process.disconnect();
    gateway.close().catch(fail);
  };
  // Once: a second signal ends the process at once.
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (exitWithParent) process.once('disconnect', stop);
  process.stdout.write(`${JSON.stringify({ listening: gateway.url, pid: process.pid })}\n`);
}

/** A mistake in the flags or the file is told in a line; anything else with where it came from. */
function fail(error: unknown): void {
  const isExpected = error instanceof RangeError || error instanceof LedgerError;
  const text = error instanceof Error && !isExpected ? error.stack : String(error);
  process.stderr.write(`gateway: ${text}\n`);
  process.exitCode = 1;
}

main().catch(fail);
