// The page `/` in a real Chromium, with a stand-in for Stately's page that does what the receiver of
// @statelyai/inspect does: it says that it is there, and takes what has a type and a version.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATELY_CONNECTED, STATELY_INSPECTOR } from '../../src/inspect/page/stately.ts';
import { Chromium, eventually, missingBrowser } from './browser.ts';
import { counter, openInspected } from './inspected-engine.ts';

const BROWSER_MS = 60_000;

const STAND_IN = `<!doctype html><title>Stand-in</title><ol></ol><script>
addEventListener('message', ({ data }) => {
  if (typeof data?.type !== 'string' || typeof data._version !== 'string') return;
  const item = document.createElement('li');
  item.textContent = [data.type, data.sessionId, data.snapshot?.context.count ?? ''].join(' ');
  document.querySelector('ol').append(item);
});
parent.postMessage({ type: '${STATELY_CONNECTED}' }, '*');
</script>`;

const title =
  missingBrowser === null ? 'the online page' : `the online page (skipped: ${missingBrowser})`;

describe.skipIf(missingBrowser !== null)(title, { timeout: BROWSER_MS }, () => {
  let browser: Chromium;
  beforeAll(async () => {
    browser = await Chromium.launch();
  }, BROWSER_MS);
  afterAll(() => browser?.[Symbol.asyncDispose]());

  const standIn =
    (body: string) =>
    (page: Page): Promise<unknown> =>
      page.route(`${STATELY_INSPECTOR}**`, (route) =>
        route.fulfill({ contentType: 'text/html', body }),
      );

  it("gives Stately's page the actors and then what happens, and anew when it is loaded anew", async () => {
    await using inspected = await openInspected([counter]);
    const { engine, inspector } = inspected;
    const actor = await engine.start(counter, { id: 'a' });
    await actor.send({ type: 'ADD' });
    const page = await browser.open(inspector.url, {}, standIn(STAND_IN));
    const items = page.frameLocator('#stately').locator('li');
    await eventually(() => items.allTextContents()).toEqual(['@xstate.actor a 1']);
    await actor.send({ type: 'ADD' });
    const told = ['@xstate.actor a 1', '@xstate.event a ', '@xstate.snapshot a 2'];
    await eventually(() => items.allTextContents()).toEqual(told);
    await eventually(() => page.locator('#status').textContent()).toBe('Live: 1 actors');
    await page.frames()[1]?.goto(STATELY_INSPECTOR);
    await eventually(() => items.allTextContents()).toEqual(['@xstate.actor a 2']);
    await eventually(() => Promise.resolve(inspector.viewers)).toBe(1);
    expect(browser.asked).toEqual([STATELY_INSPECTOR, STATELY_INSPECTOR]);
  });

  it('asks the engine for nothing before somebody listens', async () => {
    await using inspected = await openInspected([counter]);
    const page = await browser.open(inspected.inspector.url, {}, standIn('<p>Sign in</p>'));
    await page.frameLocator('#stately').locator('p').waitFor();
    expect(inspected.inspector.viewers).toBe(0);
    expect(await page.locator('#status').textContent()).toBe('Waiting for stately.ai …');
  });

  it('has no complaint', () => {
    expect(browser.complaints).toEqual([]);
  });
});
