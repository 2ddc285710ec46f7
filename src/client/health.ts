// How the engine is: one word for a probe, numbers for people, and in words what needs somebody.

import type { StoreHealth } from '../store.ts';
import type { CoreStatus, EngineCore } from '../turn/engine-core.ts';

export interface Health {
  /** `red`: somebody must act now. `yellow`: something waits for a decision. */
  readonly level: 'green' | 'yellow' | 'red';
  readonly status: CoreStatus;
  /** What is not green, a sentence each. */
  readonly problems: readonly string[];
  /** Messages waiting for a turn. */
  readonly mailbox: number;
  readonly effectsInFlight: number;
  /** Effects that wait for a place. */
  readonly effectsWaiting: number;
  readonly cachedActors: number;
  /** Null when the store cannot be asked any more. */
  readonly store: StoreHealth | null;
}

export async function readHealth(core: EngineCore): Promise<Health> {
  const open = core.status !== 'stopped' && core.status !== 'failed';
  const store = open ? await core.store.health() : null;
  const red = [
    ...(core.failure === null ? [] : [`The engine has failed: ${core.failure.message}`]),
  ];
  const yellow: string[] = [];
  for (const [reason, count] of Object.entries(store?.deadLetters ?? {})) {
    if (reason === 'LATE_SUCCESS')
      red.push(`${counted(count, 'effect', 'effects')} succeeded after nobody waited any more.`);
    else yellow.push(`${counted(count, 'dead letter', 'dead letters')}: ${reason}.`);
  }
  if (store !== null && store.failed > 0) {
    yellow.push(`${counted(store.failed, 'actor has', 'actors have')} failed.`);
  }
  if (store !== null && store.parked > 0) {
    yellow.push(`${counted(store.parked, 'actor is', 'actors are')} parked.`);
  }
  if (store?.durability === 'relaxed') {
    yellow.push('Durability is relaxed: a power cut may lose acknowledged commits.');
  }
  return {
    level: red.length > 0 ? 'red' : yellow.length > 0 ? 'yellow' : 'green',
    status: core.status,
    problems: [...red, ...yellow],
    mailbox: core.turns.mailbox.size,
    effectsInFlight: core.runner.inFlight,
    effectsWaiting: core.runner.waiting,
    cachedActors: core.cache.size,
    store,
  };
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
