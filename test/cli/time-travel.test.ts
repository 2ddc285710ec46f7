// Going back in time: `show --at` in words, and `show --html` as a page, which a real browser opens from a
// file. What both show is held to `actor.at` of an engine.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type ActorSnapshot, openEngine } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { writeSample } from '../../scripts/cli-docs/sample.ts';
import { checkout, subscription } from '../../scripts/cli-docs/shop.ts';
import type { PageData } from '../../src/cli/past/page/time-travel-data.ts';
import { VirtualPlatform } from '../support/virtual-platform.ts';
import { runCommand } from './recorded-run.ts';

const CHROMIUM = '/usr/bin/chromium';
const SHOP = fileURLToPath(new URL('../../scripts/cli-docs/shop.ts', import.meta.url));
/** Undone after it could not be shipped, and its payback has failed: every kind of step is in it. */
const ACTOR = 'checkout-1004';
const HOSTILE =
  '</script><script>document.title="owned"</script><img src=x onerror="document.title=1">';

const folder = mkdtempSync(join(tmpdir(), 'sagawright-page-'));
const shopFile = join(folder, 'shop.db');
const pageFile = join(folder, 'page.html');
let snapshots: readonly ActorSnapshot[] = [];

beforeAll(async () => {
  await writeSample(shopFile);
  snapshots = await readSnapshots();
  const ran = await runCommand(showArgs('--html', pageFile));
  expect(ran).toMatchObject({ exit: 0, printed: '', complained: `wrote ${pageFile}` });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function showArgs(...more: readonly string[]): readonly string[] {
  return ['show', ACTOR, '--db', shopFile, '--machines', SHOP, ...more];
}

/** The actor at each of its revisions, as the engine folds it. */
async function readSnapshots(): Promise<readonly ActorSnapshot[]> {
  const store = sqliteStore(shopFile);
  const { platform } = new VirtualPlatform().startProcess();
  const machines = [checkout, subscription];
  const engine = await openEngine({ store, machines, platform, effects: 'hold' });
  const actor = engine.actor(checkout as AnyStateMachine, ACTOR);
  const { revision } = await actor.snapshot();
  const found: ActorSnapshot[] = [];
  for (let at = 1; at <= revision; at++) found.push(await actor.at(at));
  await engine.stop();
  return found;
}

function dataOf(html: string): PageData {
  const [, text = ''] =
    /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(html) ?? [];
  return JSON.parse(text) as PageData;
}

describe('show --at', () => {
  it('gives the actor as the engine does, at each revision', async () => {
    expect(snapshots.length).toBeGreaterThan(5);
    for (const { revision, value, context, status, timers, effects } of snapshots) {
      const { printed } = await runCommand(showArgs('--at', String(revision), '--json'));
      expect(JSON.parse(printed)).toMatchObject({
        entry: { revision },
        value,
        context,
        status,
        timers: timers.map(({ id }) => ({ id })),
        effects: effects.map(({ id, name, key }) => ({ id, name, key })),
        missing: null,
        problem: null,
      });
    }
  });

  it('says in words what happened and what has changed', async () => {
    const { printed, exit } = await runCommand(showArgs('--at', '2'));
    expect(exit).toBe(0);
    expect(printed).toContain(`${ACTOR}@2`);
    expect(printed).toMatch(/event {5}xstate\.done\.actor\.\S+ \(received\)/);
    expect(printed).toMatch(/state {5}\S+ → \S+/);
    expect(printed).toMatch(/cause {5}effect:/);
    expect(printed).toContain('Changed since the revision before');
    expect(printed).toContain('Effects');
  });

  it('shows what the journal alone has, and what is missing, without the machine', async () => {
    const ran = await runCommand(['show', ACTOR, '--db', shopFile, '--at', '2']);
    expect(ran.exit).toBe(0);
    expect(ran.printed).toMatch(/state {5}\S+ → \S+/);
    expect(ran.printed).not.toContain('Context');
    expect(ran.complained).toContain('need the machine "checkout" version 2');
  });

  it.each(['99', '1000000'])('refuses revision %s, which the actor has not had', async (at) => {
    const ran = await runCommand(showArgs('--at', at));
    expect(ran).toMatchObject({ exit: 3, printed: '' });
    expect(ran.complained).toContain(`1 to ${snapshots.length}`);
  });
});

describe('the page of show --html', () => {
  it('may load nothing, and run only what stands in it', () => {
    const html = readFileSync(pageFile, 'utf8');
    const [, policy = ''] =
      /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}=' 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'$/,
    );
    expect(html.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:\/\/|src=|href=|@import|url\(/,
    );
  });

  it('keeps to the newest revisions that are asked for, and says so', async () => {
    const file = join(folder, 'last.html');
    await runCommand(showArgs('--html', file, '--last', '3'));
    const html = readFileSync(file, 'utf8');
    const { revisions, visitedBefore } = dataOf(html);
    expect(revisions.map(({ revision }) => revision)).toEqual(
      snapshots.slice(-3).map((each) => each.revision),
    );
    expect(html).toContain(`The first ${snapshots.length - 3} revisions are not in this page.`);
    expect(visitedBefore.length).toBeGreaterThan(2);
    expect(revisions[0]?.known?.context).toEqual(snapshots.at(-3)?.context);
  });

  it('shows the journal alone where the machine is not at hand, and says what is missing', async () => {
    const file = join(folder, 'bare.html');
    await runCommand(['show', ACTOR, '--db', shopFile, '--html', file]);
    const html = readFileSync(file, 'utf8');
    const { revisions } = dataOf(html);
    expect(html).toContain('need the machine &quot;checkout&quot; version 2');
    expect(revisions.map(({ known }) => known)).toEqual(revisions.map(() => null));
    expect(revisions.at(-1)?.active.length).toBeGreaterThan(0);
  });
});

const WHY = existsSync(CHROMIUM) ? '' : ` (skipped: there is no ${CHROMIUM})`;

describe.skipIf(WHY !== '')(`the page in a browser${WHY}`, () => {
  let browser: Browser;
  let page: Page;
  const trouble: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM });
    page = await open(pageFile);
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function open(file: string): Promise<Page> {
    const opened = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    opened.on('console', (message) => trouble.push(message.text()));
    opened.on('pageerror', (error) => trouble.push(error.message));
    opened.on('request', (request) => {
      if (request.url() !== pathToFileURL(file).href) trouble.push(request.url());
    });
    await opened.goto(pathToFileURL(file).href);
    return opened;
  }

  /** What the page shows: states marked in the picture, context as a tree of lines. */
  async function shown(): Promise<{
    revision: number;
    active: string[];
    state: string;
    lines: string[];
  }> {
    return {
      revision: Number(await page.getAttribute('body', 'data-revision')),
      state: (await page.getAttribute('body', 'data-state')) ?? '',
      active: await page.$$eval('.leaf.active', (parts) =>
        parts.map((part) => part.getAttribute('data-state') ?? ''),
      ),
      lines: await page.$$eval('.tree li:not([data-sign="−"])', (items) =>
        items.map(
          (item) =>
            `${item.querySelector('.name')?.textContent} ${item.querySelector('.value')?.textContent ?? ''}`,
        ),
      ),
    };
  }

  function linesOf(name: string, value: unknown): string[] {
    if (typeof value !== 'object' || value === null) return [`${name} ${JSON.stringify(value)}`];
    const members = Object.entries(value);
    const empty = Array.isArray(value) ? '[ ]' : '{ }';
    return [
      `${name} ${members.length === 0 ? empty : ''}`,
      ...members.flatMap(([key, each]) => linesOf(key, each)),
    ];
  }

  function leavesOf(value: unknown, path: string): string[] {
    if (typeof value === 'string') return [`${path}.${value}`];
    return Object.entries(value as object).flatMap(([key, below]) =>
      leavesOf(below, `${path}.${key}`),
    );
  }

  it('shows state and context of every revision as the engine folds them', async () => {
    for (const [index, { revision, value, context }] of snapshots.entries()) {
      await page.fill('#slider', String(index));
      const { lines, ...rest } = await shown();
      const leaves = leavesOf(value, 'checkout');
      expect(rest).toEqual({
        revision,
        active: leaves,
        state: leaves.map((leaf) => leaf.replace('checkout.', '')).join(' '),
      });
      expect(lines.toSorted()).toEqual(linesOf('context', context).toSorted());
    }
  });

  it('goes through the revisions by keys', async () => {
    const at = async (key: string): Promise<number> => {
      await page.keyboard.press(key);
      return (await shown()).revision;
    };
    await page.focus('body');
    expect(await at('Home')).toBe(1);
    expect(await at('ArrowRight')).toBe(2);
    expect(await at('ArrowRight')).toBe(3);
    expect(await at('ArrowLeft')).toBe(2);
    expect(await at('End')).toBe(snapshots.length);
    expect(await at('ArrowRight')).toBe(snapshots.length);
    await page.focus('#slider');
    expect(await at('Home')).toBe(1);
    expect(await at('ArrowRight')).toBe(2);
  });

  it('plays from the start by the space bar, and pauses by it', async () => {
    await page.click('h1');
    await page.keyboard.press('End');
    await page.keyboard.press(' ');
    expect(await page.getAttribute('#play', 'aria-pressed')).toBe('true');
    await page.waitForSelector('body[data-revision="2"]');
    await page.keyboard.press(' ');
    expect(await page.getAttribute('#play', 'aria-pressed')).toBe('false');
  });

  it('marks what was taken, and what was never entered', async () => {
    await page.keyboard.press('Home');
    const unseenAtFirst = await page.$$eval('.leaf.unseen', (parts) => parts.length);
    await page.keyboard.press('ArrowRight');
    expect(await page.$$eval('g.taken .line', (parts) => parts.length)).toBeGreaterThan(0);
    await page.keyboard.press('End');
    const unseenAtLast = await page.$$eval('.leaf.unseen', (parts) => parts.length);
    expect(unseenAtLast).toBeLessThan(unseenAtFirst);
  });

  it('tells changes by sign and word, and each revision to those who listen', async () => {
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    const changed = await page.$$eval('.tree li[data-sign="~"] .word', (words) =>
      words.map((word) => word.textContent),
    );
    expect(new Set(changed)).toEqual(new Set(['changed']));
    expect(await page.getAttribute('#summary', 'aria-live')).toBe('polite');
    expect(await page.textContent('#summary')).toMatch(/^Revision 2 of \d+: received \S+, in \S+/);
    expect(await page.getAttribute('#slider', 'aria-valuetext')).toBe(
      await page.textContent('#summary'),
    );
  });

  it('has all entries as a table that leads to each', async () => {
    await page.click('.all summary');
    expect(await page.$$eval('#entries tr', (rows) => rows.length)).toBe(snapshots.length);
    await page.click('#entries tr:nth-child(3) button');
    expect((await shown()).revision).toBe(3);
  });

  it('shows hostile values as text, and runs none of them', async () => {
    const file = join(folder, 'hostile.html');
    await writeHostile(join(folder, 'hostile.db'));
    const module = fileURLToPath(new URL('hostile-machine.ts', import.meta.url));
    await runCommand([
      ...['show', 'evil', '--db', join(folder, 'hostile.db'), '--machines', module, '--html', file],
    ]);
    const html = readFileSync(file, 'utf8');
    expect(html).not.toContain('<img');
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toMatch(/[\u2028\u2029]/);
    const hostile = await open(file);
    expect(await hostile.title()).toBe('evil');
    expect(await hostile.textContent('.tree')).toContain(JSON.stringify(HOSTILE));
    expect(await hostile.$$eval('img, .tree script', (found) => found.length)).toBe(0);
    await hostile.close();
  });

  it('has asked nobody for anything, and complained about nothing', () => {
    expect(trouble).toEqual([]);
  });
});

async function writeHostile(path: string): Promise<void> {
  const { platform } = new VirtualPlatform().startProcess();
  const { hostile } = await import('./hostile-machine.ts');
  const engine = await openEngine({ store: sqliteStore(path), machines: [hostile], platform });
  const actor = await engine.start(hostile, { id: 'evil' });
  await actor.send({ type: 'say', text: `${HOSTILE}\u2028<!--` });
  await actor.send({ type: 'say', text: HOSTILE });
  await engine.stop();
}
