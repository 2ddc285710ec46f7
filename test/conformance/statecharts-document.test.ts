// docs/statecharts.md says what the list of deviations says, row by row, and links to what there is.

import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { deviations } from './deviations.ts';

const place = new URL('../../docs/statecharts.md', import.meta.url);
const document = readFileSync(place, 'utf8');
const [features = '', differences = ''] = document.split('## Where the engine differs');

it.each(Object.entries(deviations))('docs/statecharts.md tells of %s', (id, deviation) => {
  const { xstate, engine, why } = deviation;
  expect(differences).toContain(`| ${id} | ${xstate} | ${engine} | ${why} |`);
});

it('docs/statecharts.md tells of no other deviation', () => {
  const rows = differences.split('\n').filter((line) => line.startsWith('| '));
  // The first row is the head of the table.
  expect(rows).toHaveLength(Object.keys(deviations).length + 1);
});

it('docs/statecharts.md shows each feature by tests that are there', () => {
  const links = [...features.matchAll(/\]\((\.\.\/[^)#]+)\)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(20);
  expect(links.filter((path) => !existsSync(new URL(path, place)))).toEqual([]);
});
