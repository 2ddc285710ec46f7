// An engine for the time of one command: one that holds its effects and writes, or a paused one that only
// looks, beside a running engine too. Neither calls anybody, and both are stopped whatever happens.

import { sqliteStore } from '../../store/sqlite.ts';
import type { ActorClient } from '../client/actor-client.ts';
import { type Engine, openEngine } from '../engine.ts';
import { invariant } from '../errors.ts';
import { systemPlatform } from '../platform.ts';
import { VirtualMachine } from '../step/virtual.ts';
import type { Store } from '../store.ts';
import { UsageError } from './exit-code.ts';
import { existingDatabase, type Setup } from './load-config.ts';
import { readingStore } from './reading-store.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs work on an engine that has the database for itself. What actors ask for waits in the store for the
 * next engine that runs normally. Says so if the open has brought actors to another version.
 * @throws UsageError without machines; NotFoundError without a file; EngineError `STORE_LOCKED` with the
 * pid of the engine that runs
 */
export async function whileHolding<Result>(
  setup: Setup,
  { complain, now }: Pick<Terminal, 'complain' | 'now'>,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const engine = await open(setup, sqliteStore(existingDatabase(setup)), { paused: false, now });
  const { migrated, parked } = engine.migrated;
  if (migrated + parked > 0) {
    complain(`Opening has migrated ${migrated} actors and parked ${parked} roots.`);
  }
  return stopping(engine, work);
}

/**
 * Runs work on a paused engine: it reads, folds and previews, and cannot write.
 * @throws UsageError without machines; NotFoundError without a file
 */
export async function whilePaused<Result>(
  setup: Setup,
  { now }: Pick<Terminal, 'now'>,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const store = readingStore(existingDatabase(setup));
  return stopping(await open(setup, store, { paused: true, now }), work);
}

/** The actor at an address; what its machine is, the store knows. */
export function actorAt(engine: Engine, { machines }: Setup, id: string): ActorClient {
  const [given] = machines;
  invariant(given !== undefined, 'an engine was opened without machines');
  return engine.actor(given instanceof VirtualMachine ? given.machine : given, id);
}

function open(
  { machines, migrations, drift }: Setup,
  store: Store,
  { paused, now }: Pick<Terminal, 'now'> & { readonly paused: boolean },
) {
  if (machines.length === 0) {
    throw new UsageError(
      'Expected the machines of the actors: name them in a config file (sagawright.config.ts), or give --machines <file>.',
    );
  }
  return openEngine({
    store,
    machines,
    ...(migrations !== undefined && { migrations }),
    ...(drift !== undefined && { drift }),
    effects: 'hold',
    paused,
    platform: { ...systemPlatform, now },
  });
}

async function stopping<Result>(
  engine: Engine,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
}
