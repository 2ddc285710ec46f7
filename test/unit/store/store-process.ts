// A process with a store, for tests that kill it. Says what it has done on standard output, one line
// each, and then waits for its end. Arguments: an action and the path of the database.

import { rmSync, statSync, writeFileSync } from 'node:fs';
import { isEngineError } from '../../../src/errors.ts';
import { sqliteStore } from '../../../store/index.ts';
import { actor, commit, entry, id } from '../../contract/store-records.ts';

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

if (action === 'fill-disk') {
  // Room that can be given back.
  const ballast = `${path}-ballast`;
  writeFileSync(ballast, Buffer.alloc(2 ** 20));
  let acked = 0;
  const codes: string[] = [];
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    const code = await work().then(
      () => 'ok',
      (error: unknown) => (isEngineError(error) ? error.code : String(error)),
    );
    codes.push(code);
  };
  const write = async (): Promise<void> => {
    await store.commit(turn(acked + 1));
    acked += 1;
  };
  while ((codes.pop() ?? 'ok') === 'ok') await attempt(write);
  await attempt(write);
  // The checkpoint after a commit without room finds none either.
  await attempt(() => store.maintain());
  await attempt(() => store.health());
  rmSync(ballast);
  await attempt(write);
  await attempt(() => store.maintain());
  const [counter] = await store.load([id('counter')]);
  await say(JSON.stringify({ acked, codes, kept: counter?.revision }));
}

// Stays, with the lock, until it is killed.
process.stdin.resume();
