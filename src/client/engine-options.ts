// What an engine is opened with, and the look at it before anything is opened: a store with its port's
// methods, machines that are XState's, handlers that can be called. What machines may hold is
// classify.ts's business, the bounds are those of limits.ts.

import type { AnyStateMachine } from 'xstate';
import { checkHandler, type Handlers } from '../effects/effect.ts';
import type { EngineError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Logger } from '../logger.ts';
import { checkChoice, checkMembers, type Members, refuseOption } from '../options.ts';
import type { Platform } from '../platform.ts';
import { isMachine } from '../step/classify.ts';
import { VirtualMachine } from '../step/virtual.ts';
import type { Store } from '../store.ts';
import { type Migration, migration } from '../versions/migration.ts';

export interface EngineOptions {
  /** `sqliteStore(path)` or `memoryStore()` from `sagawright/store`. */
  readonly store: Store;
  /**
   * Every machine whose actors this engine runs; child machines come with their parents. One wrapped by
   * `virtual` has actors that come into being at their first message.
   */
  readonly machines: readonly (AnyStateMachine | VirtualMachine)[];
  /**
   * The code of effects, by the name under which machines invoke them. What a handler takes and gives is
   * not inferred from the machines: annotate each by `HandlerOf<typeof effect>`, as in
   * `const charge: HandlerOf<typeof chargeCard> = async ({ input, key }) => ...`; one that is written
   * inline without it is not checked. Names are checked at open: each must be used by a machine, and
   * each invoked effect must have its code here or of its own.
   */
  readonly handlers?: Handlers;
  /** How actors in flight of older versions become actors of newer ones, at this open. */
  readonly migrations?: readonly Migration[];
  /**
   * What becomes of a chart that was changed under an unchanged version while actors of it are in flight:
   * `refuse` (default) is `MACHINE_DRIFT`; `allow` warns, and goes on with the chart as it is now.
   */
  readonly drift?: 'allow' | 'refuse';
  /** Reads only: nothing is taken up, taken or written, for `checkMigrations` before the real thing. */
  readonly paused?: boolean;
  /**
   * `hold`: takes messages and commits as ever, but makes no call, runs no named action and fires no timer,
   * and needs no handlers. What is asked for waits in the store, at its first attempt and under its key,
   * for the next engine that is opened without it. Inline actions, which are never stored, run as ever.
   * For tools that have something to tell actors while the program that runs them stands still.
   * Default: `run`.
   */
  readonly effects?: 'run' | 'hold';
  readonly limits?: Partial<Limits>;
  /** Silent by default. */
  readonly logger?: Logger;
  /** Time, chance and scheduling; for tests. */
  readonly platform?: Platform;
  /** Told once, when the engine stops because it cannot be sure of its store. */
  readonly onFailure?: (error: EngineError) => void;
}

const ENGINE_OPTIONS: Members<EngineOptions> = {
  store: true,
  machines: true,
  handlers: true,
  migrations: true,
  drift: true,
  paused: true,
  effects: true,
  limits: true,
  logger: true,
  platform: true,
  onFailure: true,
};

const STORE_METHODS: Members<Store> = {
  open: true,
  load: true,
  findKeys: true,
  findTransactionResults: true,
  findTombstones: true,
  commit: true,
  due: true,
  running: true,
  journal: true,
  list: true,
  groups: true,
  inbox: true,
  deadLetters: true,
  deadLetter: true,
  systemIds: true,
  machines: true,
  checkpoint: true,
  health: true,
  maintain: true,
  backup: true,
  close: true,
};

/** @throws EngineError `BAD_OPTION` */
export function checkEngineOptions(options: EngineOptions): void {
  checkMembers(options, 'the options of openEngine', ENGINE_OPTIONS);
  const { machines, handlers = {}, onFailure } = options;
  checkStore(options.store);
  if (!Array.isArray(machines)) refuseOption('machines', 'an array of machines', machines);
  machines.forEach((machine: unknown, index) => {
    const given = machine instanceof VirtualMachine ? machine.machine : machine;
    if (typeof given === 'object' && given !== null && isMachine(given)) return;
    refuseOption(
      `machines[${index}]`,
      "a machine made by XState's setup or createMachine",
      machine,
    );
  });
  if (typeof handlers !== 'object' || handlers === null || Array.isArray(handlers)) {
    refuseOption('handlers', 'an object of handlers by name', handlers);
  }
  for (const [name, handler] of Object.entries(handlers)) checkHandler(handler, `handlers.${name}`);
  checkVersionOptions(options);
  checkChoice(options.effects, 'effects', ['run', 'hold']);
  if (onFailure !== undefined && typeof onFailure !== 'function') {
    refuseOption('onFailure', 'a function', onFailure);
  }
}

function checkVersionOptions({ migrations = [], drift, paused }: EngineOptions): void {
  if (!Array.isArray(migrations)) {
    refuseOption('migrations', 'an array of what migration() gives', migrations);
  }
  for (const given of migrations) migration(given);
  checkChoice(drift, 'drift', ['allow', 'refuse']);
  checkChoice(paused, 'paused', [true, false]);
}

function checkStore(store: unknown): void {
  const expected = 'sqliteStore(path), memoryStore() or another Store';
  if (typeof store !== 'object' || store === null) refuseOption('store', expected, store);
  const members = store as Readonly<Record<string, unknown>>;
  for (const method of Object.keys(STORE_METHODS)) {
    if (typeof members[method] === 'function') continue;
    refuseOption(`store.${method}`, `a function (the store: ${expected})`, members[method]);
  }
}
