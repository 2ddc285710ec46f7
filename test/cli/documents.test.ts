// The pages of the command line say what the commands print, and the table of exit codes is the code's.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { renderPages } from '../../scripts/cli-docs/pages.ts';
import { EXIT_CODES } from '../../src/cli/exit-code.ts';

const folder = join(import.meta.dirname, '../../docs/cli');
const overview = readFileSync(`${folder}.md`, 'utf8');

it('every page shows what its commands print', async () => {
  for (const { path, committed, fresh } of await renderPages()) {
    expect(committed, `${path} is not up to date: npm run docs:cli`).toBe(fresh);
  }
});

it('the overview names every page', () => {
  const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
  expect([...overview.matchAll(/\]\(cli\/([\w-]+\.md)\)/g)].map(([, name]) => name).sort()).toEqual(
    pages.sort(),
  );
});

it('the table of exit codes is complete', () => {
  const rows = [...overview.matchAll(/^\| (\d) \| (\w+) \|/gm)];
  const table = Object.fromEntries(rows.map(([, code, name]) => [name, Number(code)]));
  expect(table).toEqual(EXIT_CODES);
});
