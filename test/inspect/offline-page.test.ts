// The page `/offline` in a real Chromium, on an engine that runs a saga of examples/fulfilment: what it
// shows is held against what the engine has committed.

import type { Engine } from 'sagawright';
import { activeStates, describeChart, type OverlayValue } from 'sagawright/graph';
import { serveInspector } from 'sagawright/inspect';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../examples/fulfilment/fulfilments.ts';
import { openShop, placeOrder } from '../../examples/fulfilment/shop.ts';
import { collect } from '../support/collected.ts';
import { Chromium, eventually, missingBrowser } from './browser.ts';
import { counter, openInspected } from './inspected-engine.ts';

const BROWSER_MS = 60_000;

/** Actor and event of each transition, oldest first, as the journal has them. */
async function readTransitions(engine: Engine): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { actor, kind, type } of engine.events()) {
    if (kind === 'received') lines.push(`${actor} ${type}`);
    if (kind === 'started') lines.push(`${actor} xstate.init`);
  }
  return lines;
}

const title =
  missingBrowser === null ? 'the offline page' : `the offline page (skipped: ${missingBrowser})`;

describe.skipIf(missingBrowser !== null)(title, { timeout: BROWSER_MS }, () => {
  let browser: Chromium;
  beforeAll(async () => {
    browser = await Chromium.launch();
  }, BROWSER_MS);
  afterAll(() => browser?.[Symbol.asyncDispose]());

  it('shows what the engine commits while a saga runs: actors, states, events, the picture', async () => {
    const example = EXAMPLES['parallel'];
    if (example === undefined) throw new Error('There is no such example.');
    const shop = await openShop(example, { db: null, faults: new Map() });
    const { engine } = shop;
    await using inspector = await serveInspector(engine, { offline: true });
    try {
      const before = await readTransitions(engine);
      const page = await browser.open(inspector.url);
      await page.locator('#status[data-status=connected]').waitFor();
      const rows = page.locator('[role=treeitem]');
      await rows.nth(1).waitFor();
      const end = await placeOrder(shop, example);

      const transitions = (await readTransitions(engine)).slice(before.length);
      const items = page.locator('#events li');
      await eventually(() => items.count()).toBe(transitions.length);
      const lines = await items.evaluateAll((all) =>
        all.map((item) =>
          ['.actor', '.type'].map((name) => item.querySelector(name)?.textContent).join(' '),
        ),
      );
      expect(lines.toReversed()).toEqual(transitions);

      const actors = await collect(engine.list());
      for (const { id, state, status } of actors) {
        const row = page.locator(`[role=treeitem][title="${id}"]`);
        await eventually(() => row.getAttribute('data-status')).toBe(status);
        await eventually(() => row.locator('.state').textContent()).toBe(state);
      }
      expect(await rows.count()).toBe(actors.length);

      await page.locator(`[role=treeitem][title="${end.id}"]`).click();
      await eventually(() => page.locator('#actor-title').textContent()).toBe(end.id);
      expect(await page.locator('#actor-state').textContent()).toBe(end.value);
      expect(await page.locator('#actor-revision').textContent()).toBe(String(end.revision));
      const output = await page.locator('#actor-end-value').textContent();
      expect(JSON.parse(output ?? '')).toEqual(end.output);
      await page.locator('#chart svg').waitFor();
      const marked = page.locator('#chart .active');
      const chart = describeChart(example.saga);
      const [, ...active] = activeStates(chart, end.value as OverlayValue);
      expect(
        await marked.evaluateAll((all) => all.map((each) => each.getAttribute('data-state'))),
      ).toEqual(active);
      expect(active).toHaveLength(1);
    } finally {
      await inspector.close();
      await engine.stop({ drain: 0 });
    }
    expect(browser.asked).toEqual([]);
  });

  it('is used by keys alone: through the tree, its filter, the pause of the stream', async () => {
    await using inspected = await openInspected([counter]);
    const { engine, inspector } = inspected;
    for (const id of ['a', 'b', 'c']) await engine.start(counter, { id });
    const page = await browser.open(`${inspector.url}offline`, { colorScheme: 'dark' });
    await page.locator('[role=treeitem]').nth(2).waitFor();
    const title = page.locator('#actor-title');
    await page.locator('#actor-filter').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await eventually(() => title.textContent()).toBe('b');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await eventually(() => title.textContent()).toBe('c');

    const c = engine.actor(counter, 'c');
    await c.send({ type: 'ADD' });
    const context = page.locator('#actor-context');
    await eventually(() => context.textContent()).toContain('"count": 1');
    const events = page.locator('#events li');
    expect(await events.count()).toBe(1);

    await page.locator('#pause').focus();
    await page.keyboard.press('Enter');
    await c.send({ type: 'ADD' });
    await eventually(() => context.textContent()).toContain('"count": 2');
    expect(await events.count()).toBe(1);
    await page.keyboard.press('Enter');
    await eventually(() => events.count()).toBe(2);

    await page.locator('#actor-filter').fill('b');
    await eventually(() => page.locator('[role=treeitem]').count()).toBe(1);
    await page.locator('#event-filter').fill('nothing like it');
    await eventually(() => events.count()).toBe(0);
  });

  it('says so when its engine is gone, and shows the actors as they are when one is back', async () => {
    await using inspected = await openInspected([counter]);
    const { engine, inspector } = inspected;
    const actor = await engine.start(counter, { id: 'a' });
    const page = await browser.open(`${inspector.url}offline`);
    const status = page.locator('#status');
    await eventually(() => status.textContent()).toBe('Live');
    await inspector.close();
    await eventually(() => status.getAttribute('data-status')).toBe('lost');
    await actor.send({ type: 'ADD' });
    await using _again = await serveInspector(engine, { port: inspector.port });
    await eventually(() => status.textContent()).toBe('Live');
    await eventually(() => page.locator('#actor-context').textContent()).toContain('"count": 1');
  });

  it('runs no text of an actor as a part of the page', async () => {
    await using inspected = await openInspected([counter]);
    const { engine, inspector } = inspected;
    const rude = '<img src=x onerror="document.title=1">';
    const actor = await engine.start(counter, { id: rude.replaceAll('/', '') });
    const page = await browser.open(`${inspector.url}offline`);
    await page.locator('[role=treeitem]').waitFor();
    await actor.send({ type: 'ADD', note: rude });
    await eventually(() => page.locator('#events li').count()).toBe(1);
    await page.locator('#events summary').click();
    await eventually(() => page.locator('#events pre').textContent()).toContain('onerror');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe('Inspector');
  });

  it('has no complaint, and asks nobody else', () => {
    expect(browser.complaints).toEqual([]);
    expect(browser.asked).toEqual([]);
  });
});
