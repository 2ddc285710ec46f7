// How long actors stay in each state, region by region: which actors are looked at, and which states of
// theirs are seen.

import { expect, it } from 'vitest';
import type { LeafStay } from '../../../src/store-reader.ts';
import { sqliteReader } from '../../../store/index.ts';
import { databasePaths, opened, raw } from './store-files.ts';

const paths = databasePaths('leaf-stays');

/** An actor that was in each state for a second, in the last one ever since. */
function actorSql(id: string, machine: string, states: readonly unknown[]): string {
  const entries = states.map((state, index) => {
    const kind = index === 0 ? 'started' : 'received';
    return `INSERT INTO journal (actor, revision, kind, type, data, state, at)
      VALUES ('${id}', ${index + 1}, '${kind}', 't', '{}', '${JSON.stringify(state)}', ${index * 1_000});`;
  });
  return `INSERT INTO actors VALUES
    ('${id}', '${id}', NULL, '${machine}', '1', 1, ${states.length}, 'active', 'A', '{}', '{}', 0, NULL, 0, 0);
    ${entries.join('\n')}`;
}

async function leafStays(sql: string, machine: string, sample = 100): Promise<readonly LeafStay[]> {
  const path = paths();
  await (await opened(path)).close();
  const db = raw(path);
  db.exec(sql);
  db.close();
  const reader = await sqliteReader(path);
  try {
    return await reader.leafStays({ machine, machineVersion: '1', sample });
  } finally {
    await reader.close();
  }
}

it.each(['parent', 'child'])(
  'a %s is looked at as often as the other, though they come by turns',
  async (machine) => {
    const pairs = Array.from({ length: 400 }, (_, index) =>
      ['parent', 'child'].map((each) => actorSql(`${each}-${index}`, each, ['A', 'B'])).join('\n'),
    );
    const [stay] = await leafStays(pairs.join('\n'), machine, 40);
    expect(stay).toMatchObject({ state: 'A', p50Ms: 1_000 });
    expect(stay?.stays).toBeGreaterThan(30);
    expect(stay?.stays).toBeLessThanOrEqual(40);
  },
);

it('a region that holds no states is a state as any other', async () => {
  const busy = { work: { charging: {}, mailing: 'draft' } };
  const later = { work: { charging: {}, mailing: 'sent' } };
  const stays = await leafStays(actorSql('a', 'm', [busy, later, 'done']), 'm');
  expect(stays).toEqual([
    { state: 'work.charging', stays: 1, p50Ms: 2_000, p95Ms: 2_000 },
    { state: 'work.mailing.draft', stays: 1, p50Ms: 1_000, p95Ms: 1_000 },
    { state: 'work.mailing.sent', stays: 1, p50Ms: 1_000, p95Ms: 1_000 },
  ]);
});
