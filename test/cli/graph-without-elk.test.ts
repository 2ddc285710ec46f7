// `sagawright graph` where the optional package elkjs is not installed: no picture of a chart, and all
// else as ever.

import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { runCommand } from './recorded-run.ts';

vi.mock('elkjs/lib/elk.bundled.js', () => {
  throw new Error("Cannot find package 'elkjs'");
});

const SHOP = fileURLToPath(new URL('../../scripts/cli-docs/shop.ts', import.meta.url));

it('says what to install for a picture', async () => {
  const ran = await runCommand(['graph', SHOP, '--machine', 'checkout', '--format', 'svg']);
  expect(ran).toMatchObject({ exit: 2, printed: '' });
  expect(ran.complained).toMatch(/elkjs.*npm install elkjs/);
});

it.each(['mermaid', 'dot', 'json', 'steps'])('prints %s all the same', async (format) => {
  const ran = await runCommand(['graph', SHOP, '--machine', 'checkout', '--format', format]);
  expect(ran).toMatchObject({ exit: 0, complained: '' });
  expect(ran.printed).toContain('checkout');
});
