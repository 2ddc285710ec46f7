// The pictures in docs/charts are those of the machines as they are now.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drawPictures } from '../../scripts/chart-pictures.ts';

const folder = join(import.meta.dirname, '../../docs/charts');

it('every committed picture is a fresh one, and none is missing or left over', async () => {
  const fresh = await drawPictures();
  const committed = new Map(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const),
  );
  const names = new Set([...fresh.keys(), ...committed.keys()]);
  const stale = [...names].filter((name) => fresh.get(name) !== committed.get(name));
  expect(stale, 'docs/charts is not up to date: npm run docs:charts').toEqual([]);
});
