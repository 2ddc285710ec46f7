// A process with a store, for tests that kill it. Says what it has done on standard output, one line
// each, and then waits for its end. Arguments: an action and the path of the database.

import { statSync } from 'node:fs';
import { isEngineError } from '../../../src/errors.ts';
import { sqliteStore } from '../../../store/index.ts';
import { actor, commit, entry } from '../../contract/store-records.ts';

const [action, path = ''] = process.argv.slice(2);
const store = sqliteStore(path);

/** The n-th turn: entries of one actor, and another actor that counts the turns. */
function turn(number: number): ReturnType<typeof commit> {
  const journal = Array.from({ length: 3 }, (_, index) =>
    entry(`order-${number}`, index + 1, { data: JSON.stringify({ fill: 'x'.repeat(200) }) }),
  );
  return commit({
    journal,
    actors: [
      { record: actor(`order-${number}`, { revision: 3 }), previousRevision: 0 },
      { record: actor('counter', { revision: number }), previousRevision: number - 1 },
    ],
  });
}

async function say(text: string): Promise<void> {
  await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
}

await store.open().then(
  () => say('open'),
  async (error: unknown) => {
    await say(isEngineError(error) ? error.code : String(error));
    process.exit(1);
  },
);

if (action === 'write') {
  for (let number = 1; number <= 12; number++) {
    await store.commit(turn(number));
    await say(String(statSync(`${path}-wal`).size));
  }
  await say('done');
}

if (action === 'write-until-failure') {
  let acked = 0;
  try {
    for (;;) {
      await store.commit(turn(acked + 1));
      acked += 1;
    }
  } catch (error) {
    const again = await store.health().catch((later: unknown) => later);
    const codes = [error, again].map((each) => (isEngineError(each) ? each.code : String(each)));
    await say(JSON.stringify({ acked, codes }));
  }
}

// Stays, with the lock, until it is killed.
process.stdin.resume();
