// The pages of the command line: whatever stands after a `$ npx sagawright` in them is what the command
// prints, made by running it. Each page has a database of its own, so that it may also write. Changes no page
// by itself.

import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { writeSample } from './sample.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const CONFIG = join(import.meta.dirname, 'sagawright.config.ts');
/** Where the pages say that the shop lives. */
const FOLDER = '/srv/shop';
const WIDTH = 110;
/** They know no database. */
const APART: readonly string[] = ['check', 'help', '--help', '--version'];

/** A page as it is, and as it should be. */
export interface RenderedPage {
  readonly path: string;
  readonly committed: string;
  readonly fresh: string;
}

/** Renders docs/cli.md and every page in docs/cli/. */
export async function renderPages(): Promise<readonly RenderedPage[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sagawright-pages-'));
  const { TZ: timeZone } = process.env;
  process.env['TZ'] = 'UTC';
  try {
    const now = await writeSample(join(folder, 'sample.db'));
    const names = readdirSync(join(DOCS, 'cli')).filter((name) => name.endsWith('.md'));
    const pages: RenderedPage[] = [];
    for (const name of ['../cli.md', ...names.sort()]) {
      const path = join(DOCS, 'cli', name);
      const committed = readFileSync(path, 'utf8');
      copyFileSync(join(folder, 'sample.db'), join(folder, 'shop.db'));
      pages.push({ path, committed, fresh: await renderPage(committed, folder, now) });
      for (const file of readdirSync(folder)) {
        if (file !== 'sample.db') rmSync(join(folder, file), { recursive: true });
      }
    }
    return pages;
  } finally {
    if (timeZone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = timeZone;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Blocks of ```console are run, command by command; all else stays. */
async function renderPage(page: string, folder: string, now: number): Promise<string> {
  let fresh = '';
  for (const part of page.split(/^(```console\n[\s\S]*?^```$)/m)) {
    fresh += part.startsWith('```console\n') ? await renderBlock(part, folder, now) : part;
  }
  return fresh;
}

async function renderBlock(block: string, folder: string, now: number): Promise<string> {
  const lines = ['```console'];
  for (const line of block.split('\n').filter((each) => each.startsWith('$ '))) {
    lines.push(line, ...(await run(line, folder, now)));
  }
  return [...lines, '```'].join('\n');
}

async function run(line: string, folder: string, now: number): Promise<readonly string[]> {
  const [npx, name, ...words] = wordsOf(line.slice(2));
  if (npx !== 'npx' || name !== 'sagawright') {
    throw new Error(`Expected a line \`$ npx sagawright ...\`, got ${line}.`);
  }
  const shop = ['--db', join(folder, 'shop.db'), '--config', CONFIG];
  const isApart = APART.some((each) => words.includes(each));
  const args = words.map((word) => word.replaceAll(FOLDER, folder));
  const printed: string[] = [];
  const ending = new AbortController();
  const exit = await runCommandLine([...args, ...(isApart ? [] : shop)], {
    print: (text) => printed.push(text),
    complain: (text) => printed.push(text),
    hasColor: false,
    width: WIDTH,
    confirm: null,
    signal: ending.signal,
    now: () => now,
    // Nothing more will come: what waits for it ends.
    wait: () => Promise.resolve(ending.abort()),
    flushed: () => Promise.resolve(),
  });
  const text = printed
    .join('\n')
    .replaceAll(folder, FOLDER)
    // Pages are the same on every release of Node.
    .replaceAll(`Node ${process.versions.node}`, 'Node 24');
  return [...text.split('\n'), ...(exit === 0 ? [] : [`(exit code ${exit})`])];
}

/** The words of a shell's line; what is between single quotes is one. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}
