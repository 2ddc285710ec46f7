// What the inspector answers to a GET: its two pages, their files, the picture of a machine. Knows
// nothing of sockets; who may ask is decided before.

import type { Charts } from './charts.ts';
import { STATELY_ORIGIN } from './page/stately.ts';
import { MODULE_EXTENSION, readPageModule } from './page-module.ts';
import { PAGE_STYLE } from './page-style.ts';
import { OFFLINE_PAGE, ONLINE_PAGE } from './page-texts.ts';
import { securityHeaders } from './requests.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface AnswerOptions {
  readonly charts: Charts;
  readonly isOffline: boolean;
  readonly port: number;
}

/** Modules of the pages, from src/: all that is served of the package. */
const MODULES: readonly string[] = [
  'graph/overlay',
  'inspect/page/actor-tree',
  'inspect/page/actor-view',
  'inspect/page/chart-view',
  'inspect/page/elements',
  'inspect/page/event-list',
  'inspect/page/feed',
  'inspect/page/offline',
  'inspect/page/online',
  'inspect/page/stately',
  'inspect/page/watched-actors',
];

export async function answer(url: URL, options: AnswerOptions): Promise<Answer> {
  const { isOffline, port } = options;
  const plain = securityHeaders(port);
  const framing = securityHeaders(port, `frame-src ${STATELY_ORIGIN}`);
  switch (url.pathname) {
    case '/':
      return isOffline
        ? html(page(OFFLINE_PAGE, 'offline'), plain)
        : html(page(ONLINE_PAGE, 'online'), framing);
    case '/offline':
      return html(page(OFFLINE_PAGE, 'offline'), plain);
    case '/style.css':
      return { status: 200, headers: { ...plain, 'Content-Type': 'text/css' }, body: PAGE_STYLE };
    case '/chart':
      return answerChart(url.searchParams, options.charts, plain);
    default:
      return answerModule(url.pathname, plain);
  }
}

type Headers = Answer['headers'];

function html(body: string, headers: Headers): Answer {
  return { status: 200, headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8' }, body };
}

export function refused(status: number, why: string, headers: Headers): Answer {
  const text = { 'Content-Type': 'text/plain; charset=utf-8' };
  return { status, headers: { ...headers, ...text }, body: `${why}\n` };
}

function page(text: string, program: string): string {
  return text.replace('%PROGRAM%', `/modules/inspect/page/${program}${MODULE_EXTENSION}`);
}

async function answerChart(
  asked: URLSearchParams,
  charts: Charts,
  headers: Headers,
): Promise<Answer> {
  const [name, version] = [asked.get('machine') ?? '', asked.get('version') ?? ''];
  try {
    const body = await charts.picture(name, version);
    if (body === null) return refused(404, 'There is no statechart of this machine.', headers);
    return { status: 200, headers: { ...headers, 'Content-Type': 'application/json' }, body };
  } catch (error) {
    // elkjs is optional: all but the picture works without it.
    const why = error instanceof Error ? error.message : String(error);
    return refused(501, why, headers);
  }
}

async function answerModule(path: string, headers: Headers): Promise<Answer> {
  const name = MODULES.find((each) => path === `/modules/${each}${MODULE_EXTENSION}`);
  if (name === undefined) return refused(404, 'There is no such page.', headers);
  const body = await readPageModule(new URL(`../${name}${MODULE_EXTENSION}`, import.meta.url));
  return { status: 200, headers: { ...headers, 'Content-Type': 'text/javascript' }, body };
}
