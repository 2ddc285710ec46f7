// The command line of the order run: what may be set, checked before anything is opened. A mistake is
// one clear line and exit code 2.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, Option } from 'commander';
import { fileName, integer } from '../option-values.ts';
import { SAGA_NAMES, type SagaName } from './engine-messages.ts';

export interface RunOptions {
  /** The engine's database. */
  readonly db: string;
  /** The gateway's ledger. */
  readonly gatewayDb: string;
  /** The invoices. */
  readonly file: string;
  /** Chooses what goes wrong at the gateway, and when the engine is killed. */
  readonly seed: number;
  /** Orders in flight. */
  readonly concurrency: number;
  /** What is done first for an order. */
  readonly saga: SagaName;
  /** Kill the engine's process in the middle of its work. */
  readonly crash: boolean;
}

/** As commander gives it: the files may be left out. */
type GivenOptions = Omit<RunOptions, 'db' | 'gatewayDb'> & {
  readonly db?: string;
  readonly gatewayDb?: string;
};

/** The command line was wrong, or asked only for help; what is to be said has been said. */
export class UsageEnd extends Error {
  override readonly name = 'UsageEnd';
  readonly exitCode: 0 | 2;

  constructor(exitCode: 0 | 2, cause: unknown) {
    super('the command line ends the program', { cause });
    this.exitCode = exitCode;
  }
}

const invoices = fileURLToPath(new URL('../data/online-retail-2010-12.csv', import.meta.url));
const MAX_CONCURRENCY = 10_000;

function createCommand(): Command {
  const seeds = integer(0, Number.MAX_SAFE_INTEGER);
  return new Command('npm start --')
    .description(
      'Runs the orders of a file of invoices, each through a saga that charges the customer and ' +
        'reserves the goods at a gateway which goes wrong on purpose; then compares the books. ' +
        'Run it again: what was done is not done twice.',
    )
    .addOption(
      new Option(
        '--db <file>',
        "the engine's database (default: orders.db; orders-crash.db with --crash, and so on)",
      ).argParser(fileName),
    )
    .addOption(
      new Option(
        '--gateway-db <file>',
        "the gateway's own ledger (default: gateway.db or gateway-crash.db)",
      ).argParser(fileName),
    )
    .addOption(
      new Option('--file <csv>', 'the invoices')
        .argParser(fileName)
        .default(invoices, 'December 2010 of a real shop'),
    )
    .addOption(
      new Option('--seed <integer>', 'chooses what goes wrong').argParser(seeds).default(1),
    )
    .addOption(
      new Option('--concurrency <orders>', 'orders in flight')
        .argParser(integer(1, MAX_CONCURRENCY))
        .default(50),
    )
    .addOption(
      new Option('--saga <name>', 'what is done first for an order')
        .choices(SAGA_NAMES)
        .default(SAGA_NAMES[0]),
    )
    .option('--crash', "kill the engine's process five times in the middle of its work", false)
    .addHelpText(
      'after',
      '\nExit codes: 0 the books balance, 1 they do not, 2 wrong usage or an unusable file.',
    )
    .allowExcessArguments(false)
    .exitOverride();
}

/**
 * @param argv without the program's own name
 * @throws UsageEnd when there is nothing to run
 */
export function readOptions(argv: readonly string[]): RunOptions {
  const command = createCommand();
  try {
    command.parse([...argv], { from: 'user' });
    const given = command.opts<GivenOptions>();
    // A crash run has files of its own: in those of a run that is done, nobody would be killed. So has
    // a run of another saga: an order is fulfilled once.
    const ofSaga = given.saga === SAGA_NAMES[0] ? '' : `-${given.saga}`;
    const suffix = `${ofSaga}${given.crash ? '-crash' : ''}`;
    const options: RunOptions = {
      ...given,
      db: given.db ?? `orders${suffix}.db`,
      gatewayDb: given.gatewayDb ?? `gateway${suffix}.db`,
    };
    if (resolve(options.db) === resolve(options.gatewayDb)) {
      command.error('error: expected --db and --gateway-db to name two files, got one');
    }
    return options;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new UsageEnd(error.exitCode === 0 ? 0 : 2, error);
  }
}
