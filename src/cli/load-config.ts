// What the command line knows of a user's program: its database, machines and migrations, from a config
// file or from any module that exports machines. Imports the module; never runs a machine.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EngineOptions } from '../client/engine-options.ts';
import { checkMembers, type Members } from '../options.ts';
import { isMachine } from '../step/classify.ts';
import { VirtualMachine } from '../step/virtual.ts';
import type { Config } from './config.ts';
import { NotFoundError, UsageError } from './exit-code.ts';

/** Where a command finds its database and machines, as said on the command line. */
export interface SetupOptions {
  readonly db?: string;
  readonly config?: string;
  readonly machines?: string;
}

type Machines = EngineOptions['machines'];

/** What a command works on. */
export interface Setup extends Omit<Config, 'database' | 'machines'> {
  /** The SQLite file; null when nobody has said it. */
  readonly database: string | null;
  /** Of `--machines`, or else of the config file; empty when there is neither. */
  readonly machines: Machines;
}

const CONFIG_FILES: readonly string[] = ['ts', 'mts', 'js', 'mjs'].map(
  (ending) => `sagawright.config.${ending}`,
);

const CONFIG_MEMBERS: Members<Config> = {
  database: true,
  machines: true,
  migrations: true,
  drift: true,
};

/**
 * Reads the config file, if there is one, and the module of machines, if it is asked for.
 * @throws UsageError for a file that is not there, does not load or holds something else
 */
export async function loadSetup(options: SetupOptions): Promise<Setup> {
  const file = options.config ?? CONFIG_FILES.find((name) => existsSync(name));
  const config = file === undefined ? {} : await loadConfig(file);
  const { database = null, machines = [], ...rest } = config;
  return {
    ...rest,
    database: options.db ?? database,
    machines: options.machines === undefined ? machines : await loadMachines(options.machines),
  };
}

/**
 * The database to work on. Looked for here: whoever opens one that is not there would make it.
 * @throws UsageError when neither the call nor a config file names one; NotFoundError: no such file
 */
export function existingDatabase({ database }: Setup): string {
  if (database === null) {
    throw new UsageError(
      'Expected --db <file>, or a config file (sagawright.config.ts) that names the `database`.',
    );
  }
  if (!existsSync(database)) throw new NotFoundError(`Expected a database ${database}, got none.`);
  return database;
}

async function loadConfig(file: string): Promise<Config> {
  const { default: config } = await loadModule(file);
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new UsageError(`Expected ${file} to have \`export default defineConfig({ ... })\`.`);
  }
  checkMembers(config, `the config of ${file}`, CONFIG_MEMBERS);
  const { database, machines = [] } = config as Readonly<Record<string, unknown>>;
  if (database !== undefined && typeof database !== 'string') {
    throw new UsageError(`Expected \`database\` in ${file} to be the path of a file.`);
  }
  if (!Array.isArray(machines) || !machines.every(isHosted)) {
    throw new UsageError(`Expected \`machines\` in ${file} to be an array of machines.`);
  }
  return config;
}

async function loadMachines(file: string): Promise<Machines> {
  const found = new Set<Machines[number]>();
  for (const value of Object.values(await loadModule(file))) {
    for (const each of Array.isArray(value) ? value : [value]) if (isHosted(each)) found.add(each);
  }
  if (found.size > 0) return [...found];
  throw new UsageError(`Expected ${file} to export machines, found none.`);
}

function isHosted(value: unknown): value is Machines[number] {
  if (value instanceof VirtualMachine) return true;
  return typeof value === 'object' && value !== null && isMachine(value);
}

/**
 * Imports a module of the user by its path.
 * @throws UsageError when it is not there or does not load
 */
export async function loadModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(file);
  if (!existsSync(path)) throw new UsageError(`Expected a file ${file}, got none.`);
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isTypeScript = message.includes('Unknown file extension ".ts"');
    const hint = isTypeScript ? '. TypeScript needs Node 22.18 or later.' : '';
    throw new UsageError(`Expected a module in ${file}, got: ${message}${hint}`);
  }
}
