// One actor's whole past as a page that needs nothing else: picture, data, style and program stand in it,
// and its own policy lets it load nothing. What comes from the database is data or escaped text.

import { createHash } from 'node:crypto';
import type { Chart } from '../../graph/chart.ts';
import { transitionText } from '../../graph/chart-text.ts';
import { describeChart } from '../../graph/describe-chart.ts';
import { toSvg } from '../../graph/svg.ts';
import { escapeXml } from '../../graph/svg-marks.ts';
import { MODULE_EXTENSION, readPageModule } from '../../inspect/page-module.ts';
import { statePaths } from '../../step/xstate.ts';
import { computeChanges } from '../text/value-changes.ts';
import { createTrack, isStateValue, type Move } from './actor-track.ts';
import type { PageData, PageRevision, PageState } from './page/time-travel-data.ts';
import type { Past, PastRevision } from './past.ts';
import { TIME_TRAVEL_STYLE } from './time-travel-style.ts';

/** Revisions of one page. */
export const MOST_REVISIONS = 2_000;

export interface PageOptions {
  /** Newest revisions in the page, up to {@link MOST_REVISIONS}. */
  readonly last: number;
  /** The revision at which it opens. */
  readonly at: number;
}

/** @throws EngineError `BAD_OPTION` for a picture without elkjs */
export async function renderTimeTravel(past: Past, options: PageOptions): Promise<string> {
  const chart = past.source === null ? null : describeChart(past.source);
  const data = await readPageData(past, chart, options);
  const omitted = past.record.revision - data.revisions.length;
  const notes = [
    ...(omitted > 0 ? [`The first ${omitted} revisions are not in this page.`] : []),
    ...(past.missing === null ? [] : [past.missing]),
  ];
  const picture = chart === null ? '' : await toSvg(chart, { named: true });
  return html(data, picture, notes);
}

async function readPageData(
  { record, revisions }: Past,
  chart: Chart | null,
  { last, at }: PageOptions,
): Promise<PageData> {
  const { id, machine, machineVersion, revision } = record;
  const from = Math.max(1, revision - last + 1);
  const track = chart === null ? null : createTrack(chart);
  let visitedBefore: readonly string[] = [];
  let before: PastRevision | null = null;
  const pages: PageRevision[] = [];
  for await (const each of revisions(1, revision)) {
    if (each.entry.revision === from) visitedBefore = [...(track?.states.keys() ?? [])];
    const move = track?.add(each) ?? { active: [], entered: [], taken: [] };
    if (each.entry.revision >= from) pages.push(pageRevision(each, before, move, pages.length));
    before = each;
  }
  const [root] = chart?.states ?? [];
  const first = pages.findIndex((each) => each.revision === at);
  return {
    actor: id,
    machine,
    version: machineVersion,
    first: first < 0 ? pages.length - 1 : first,
    visitedBefore: [...(root === undefined ? [] : [root.id]), ...visitedBefore],
    transitions: chart === null ? {} : namedTransitions(chart),
    revisions: pages,
  };
}

function pageRevision(
  { entry, data, value, state, problem }: PastRevision,
  before: PastRevision | null,
  { active, entered, taken }: Move,
  index: number,
): PageRevision {
  const { revision, position, kind, type, at, key, correlation, causation } = entry;
  const known = state === null ? null : pageState(state, before?.state ?? null, index === 0);
  return {
    ...{ revision, position, kind, type, data, at, key, correlation, causation },
    state: isStateValue(value)
      ? statePaths(value as Parameters<typeof statePaths>[0]).join(' ')
      : '',
    active: active.slice(1),
    entered,
    taken,
    known,
    problem,
  };
}

/** Whole where the page has nothing to make it of. */
function pageState(
  { status, context, output, timers, effects }: NonNullable<PastRevision['state']>,
  before: PastRevision['state'],
  isFirst: boolean,
): PageState {
  const changes = before === null ? [] : computeChanges(before.context, context);
  const isWhole = isFirst || before === null;
  return { status, ...(isWhole && { context }), changes, output, timers, effects };
}

function namedTransitions({ states, transitions }: Chart): PageData['transitions'] {
  const byId = new Map(states.map((state) => [state.id, state]));
  return Object.fromEntries(
    transitions.flatMap((transition) => {
      const { id, source, targets } = transition;
      const state = byId.get(source);
      if (state === undefined) return [];
      const keys = targets.map((target) => byId.get(target)?.key ?? target);
      const to = keys.length === 0 ? '' : ` → ${keys.join(', ')}`;
      const name = `${state.key}: ${transitionText(transition, state, {}) || 'always'}${to}`;
      return [[id, { name, source }]];
    }),
  );
}

const PROGRAM = new URL(`./page/time-travel${MODULE_EXTENSION}`, import.meta.url);

async function readProgram(): Promise<string> {
  const text = await readPageModule(PROGRAM);
  return text.replace(/^\/\/# sourceMappingURL=.*$/m, '');
}

/** JSON that may stand in a script element: nothing in it ends the element or a line. */
function embedded(data: PageData): string {
  return JSON.stringify(data)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Only what stands in this very page may run or style it; it can load and send nothing. */
function policyOf(program: string, styles: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src ${sourceHash(program)}`,
    `style-src ${styles.map(sourceHash).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

async function html(data: PageData, picture: string, notes: readonly string[]): Promise<string> {
  const program = `\n${await readProgram()}`;
  const styles = [...picture.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, text = '']) => text);
  const title = escapeXml(data.actor);
  const last = data.revisions.length - 1;
  const noted = notes.map((note) => `<p class="note">${escapeXml(note)}</p>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(program, [TIME_TRAVEL_STYLE, ...styles])}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${TIME_TRAVEL_STYLE}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p>${escapeXml(`${data.machine}, version ${data.version}`)}</p>
${noted}
<noscript><p class="note">This page needs JavaScript; it is all in this file.</p></noscript>
</header>
<nav aria-label="Revisions">
<div class="buttons">
<button type="button" id="start" aria-label="First revision">|◀</button>
<button type="button" id="previous" aria-label="Previous revision">◀</button>
<button type="button" id="play" aria-pressed="false">▶ Play</button>
<button type="button" id="next" aria-label="Next revision">▶</button>
<button type="button" id="end" aria-label="Last revision">▶|</button>
</div>
<label class="hidden" for="slider">Revision</label>
<input type="range" id="slider" min="0" max="${last}" step="1" value="${last}">
<p id="summary" aria-live="polite"></p>
</nav>
<main>
<section class="chart"${picture === '' ? ' hidden' : ''} aria-labelledby="chart-title">
<div class="bar"><h2 id="chart-title">Statechart</h2><button type="button" id="fit" aria-pressed="false">Whole picture</button></div>
<div id="picture" tabindex="0" data-scrolls role="group" aria-label="Statechart, scrollable">
${picture}</div>
</section>
<div class="about">
<section aria-labelledby="facts-title">
<h2 id="facts-title">What happened</h2>
<dl id="facts"></dl>
<details><summary>Data of the entry</summary><pre id="event-data"></pre></details>
</section>
<section aria-labelledby="waiting-title">
<h2 id="waiting-title">Waits for</h2>
<ul id="waiting"></ul>
</section>
<section aria-labelledby="context-title">
<h2 id="context-title">Context</h2>
<p class="quiet">Since the revision before: + added, − removed, ~ changed.</p>
<div id="context"></div>
</section>
</div>
<section class="all" aria-labelledby="all-title">
<details>
<summary><h2 id="all-title">All entries as a table</h2></summary>
<div class="scroll" tabindex="0" data-scrolls role="group" aria-label="All entries, scrollable">
<table>
<thead><tr><th scope="col">Revision</th><th scope="col">Time</th><th scope="col">Kind</th><th scope="col">Type</th><th scope="col">State after it</th><th scope="col">Cause</th><th scope="col">Changes</th></tr></thead>
<tbody id="entries"></tbody>
</table>
</div>
</details>
</section>
</main>
<footer>Arrow keys, Home and End go through the revisions; space plays them.</footer>
<script type="application/json" id="data">${embedded(data)}</script>
<script type="module">${program}</script>
</body>
</html>
`;
}
