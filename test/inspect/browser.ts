// A real Chromium without a window, for the tests of the pages; and why there is none, where there is none.

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = PLACES.find((path) => existsSync(path));

/** Null: there is one. */
export const missingBrowser: string | null =
  executablePath === undefined ? `none of ${PLACES.join(', ')} is there (package chromium)` : null;

export class Chromium implements AsyncDisposable {
  readonly #browser: Browser;
  /** What pages have complained of: errors, and what their own policy has refused. */
  readonly complaints: string[] = [];
  /** Addresses that pages have asked, beside their own server's. */
  readonly asked: string[] = [];

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<Chromium> {
    const options = { ...(executablePath !== undefined && { executablePath }) };
    return new Chromium(await chromium.launch({ ...options, args: ['--no-sandbox'] }));
  }

  async open(
    url: string,
    options: BrowserContextOptions = {},
    prepare: (page: Page) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Page> {
    const page = await this.#browser.newPage(options);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      // A page outlives its server here, and tries to reach it again.
      const isOfEnd = message.text().includes('ERR_CONNECTION_REFUSED');
      if (message.type() === 'error' && !isOfEnd) this.complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== 'data:' && origin !== new URL(url).origin) this.asked.push(request.url());
    });
    await prepare(page);
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** What a page shows, asked for again and again until it is so: a busy machine may take its time. */
export function eventually<Value>(read: () => Promise<Value>): ReturnType<typeof expect.poll> {
  return expect.poll(read, { timeout: 20_000, interval: 20 });
}
