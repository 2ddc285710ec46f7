// The program of a time-travel page: one actor, one revision at a time. Reads the data that stands in the
// page, marks the picture by classes, writes text only as text. Asks nobody for anything.

import type { ValueChange } from '../../text/value-changes.ts';
import type { PageData, PageRevision } from './time-travel-data.ts';

const data: PageData = JSON.parse(byId('data').textContent ?? '');
const { revisions } = data;

interface Known {
  readonly context: unknown;
  /** False: there is no revision before it to compare with. */
  readonly hasBefore: boolean;
  readonly before: unknown;
}

/** Of each revision; null where it is not known. */
const contexts: readonly (Known | null)[] = rebuildContexts();
/** Ids of states entered up to each revision. */
const visited: readonly ReadonlySet<string>[] = rebuildVisits();

const PLAY_MS = 900;
const LINES_MOST = 2_000;

const slider = byId('slider') as HTMLInputElement;
const playButton = byId('play') as HTMLButtonElement;
let shown = -1;
let playing: number | null = null;

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

function element(
  name: string,
  className: string,
  ...parts: readonly (Node | string)[]
): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...parts);
  return made;
}

function rebuildContexts(): readonly (Known | null)[] {
  let last: unknown = null;
  let hasLast = false;
  return revisions.map(({ known }): Known | null => {
    if (known === null) {
      hasLast = false;
      return null;
    }
    const before = last;
    const hasBefore = hasLast;
    last =
      'context' in known
        ? known.context
        : known.changes.reduce((value, change) => applyChange(value, change), last);
    hasLast = true;
    return { context: last, hasBefore, before };
  });
}

/** The value with one change, on a copy of what it changes. */
function applyChange(value: unknown, change: ValueChange, depth = 0): unknown {
  const [step, after] = [change.path[depth], change.kind === 'removed' ? undefined : change.after];
  if (step === undefined) return after;
  const isLast = depth === change.path.length - 1;
  if (Array.isArray(value)) {
    const list = [...value];
    if (isLast && change.kind === 'removed') list.splice(Number(step), 1);
    else list[Number(step)] = isLast ? after : applyChange(list[Number(step)], change, depth + 1);
    return list;
  }
  const members = new Map(Object.entries((value ?? {}) as object));
  if (isLast && change.kind === 'removed') members.delete(String(step));
  else {
    const below = members.get(String(step));
    members.set(String(step), isLast ? after : applyChange(below, change, depth + 1));
  }
  // A key may be `__proto__`: it stays a plain member.
  return Object.fromEntries(members);
}

function rebuildVisits(): readonly ReadonlySet<string>[] {
  let seen = new Set(data.visitedBefore);
  return revisions.map(({ entered }) => {
    seen = new Set([...seen, ...entered]);
    return seen;
  });
}

function show(index: number): void {
  const next = Math.max(0, Math.min(revisions.length - 1, index));
  const revision = revisions[next];
  if (revision === undefined || next === shown) return;
  document.querySelector(`tr[data-index="${shown}"]`)?.removeAttribute('aria-current');
  document.querySelector(`tr[data-index="${next}"]`)?.setAttribute('aria-current', 'true');
  shown = next;
  slider.value = String(next);
  slider.setAttribute('aria-valuetext', summary(revision));
  byId('summary').textContent = summary(revision);
  document.body.dataset['revision'] = String(revision.revision);
  document.body.dataset['state'] = revision.state;
  (byId('previous') as HTMLButtonElement).disabled = next === 0;
  (byId('next') as HTMLButtonElement).disabled = next === revisions.length - 1;
  showFacts(revision, revisions[next - 1] ?? null);
  showWaiting(revision);
  showContext(revision, contexts[next] ?? null);
  markPicture(revision, visited[next] ?? new Set());
}

function summary({ revision, kind, type, state, taken, known }: PageRevision): string {
  const changes = known === null ? '' : `, ${known.changes.length} changes of context`;
  const moved = taken.length === 0 ? '' : `, ${taken.length} transitions taken`;
  const last = revisions.at(-1)?.revision ?? 0;
  return `Revision ${revision} of ${last}: ${kind} ${type}, in ${state || 'no state'}${moved}${changes}`;
}

function showFacts(revision: PageRevision, before: PageRevision | null): void {
  const { kind, type, at, key, correlation, causation, state, taken, known, problem } = revision;
  const later = before === null ? '' : ` (${duration(at - before.at)} after the revision before)`;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Event', `${type} (${kind})`],
    ['State', state === '' ? 'none' : state],
    ['Status', known?.status ?? null],
    ['Took', taken.map((id) => data.transitions[id]?.name ?? id).join(', then ') || null],
    ['Time', localTime(at) + later],
    ['Cause', causation],
    ['Key', key],
    ['Correlation', correlation],
    ['Position', String(revision.position)],
    ['Not folded', problem],
  ];
  byId('facts').replaceChildren(
    ...facts.flatMap(([name, text]) =>
      text === null ? [] : [element('dt', '', name), element('dd', '', text)],
    ),
  );
  byId('event-data').textContent = JSON.stringify(revision.data, null, 2) ?? '';
}

function showWaiting({ known, at }: PageRevision): void {
  const waits = [
    ...(known?.effects ?? []).map(({ name, id, key }) =>
      element('li', '', element('b', '', 'call '), `${name} (${id}), key ${key}`),
    ),
    ...(known?.timers ?? []).map(({ event, dueAt }) =>
      element(
        'li',
        '',
        element('b', '', 'timer '),
        `${event}, due ${localTime(dueAt)} (in ${duration(dueAt - at)})`,
      ),
    ),
  ];
  const nothing = known === null ? 'Not known without its machine.' : 'Nothing.';
  byId('waiting').replaceChildren(
    ...(waits.length > 0 ? waits : [element('li', 'quiet', nothing)]),
  );
}

type Sign = '+' | '−' | '~' | ' ';
const WORDS: Readonly<Record<Sign, string>> = {
  '+': 'added',
  '−': 'removed',
  '~': 'changed',
  ' ': '',
};

function showContext({ known }: PageRevision, context: Known | null): void {
  const tree = byId('context');
  if (known === null || context === null) {
    tree.replaceChildren(element('p', 'quiet', 'Not known: contexts are folded by the machine.'));
    return;
  }
  const { hasBefore, before, context: now } = context;
  const lines: HTMLElement[] = [];
  const rest = addLines(lines, 'context', hasBefore ? { value: before } : null, { value: now }, 0);
  const more = rest > 0 ? [element('li', 'quiet', `… ${rest} more lines`)] : [];
  const list = element('ul', 'tree', ...lines, ...more);
  list.tabIndex = 0;
  list.dataset['scrolls'] = '';
  list.setAttribute('aria-label', 'Context, scrollable');
  tree.replaceChildren(list);
  const change = lines.find(({ dataset }) => dataset['sign'] !== ' ');
  if (change !== undefined) list.scrollTop = change.offsetTop - list.clientHeight / 3;
}

type Held = { readonly value: unknown } | null;

/** One line for each member, those that are gone included. Answers with how many did not fit. */
function addLines(
  lines: HTMLElement[],
  name: string,
  before: Held,
  after: Held,
  depth: number,
): number {
  const isNew = depth === 0 && before === null;
  const members = membersOf(before?.value, after?.value);
  const isBranch = members !== null && isBox((after ?? before)?.value);
  const isSame = before !== null && after !== null && (isBranch || before.value === after.value);
  const sign: Sign = isNew || isSame ? ' ' : before === null ? '+' : after === null ? '−' : '~';
  if (lines.length >= LINES_MOST) return 1;
  lines.push(line(name, sign, before, after, isBranch, depth));
  if (!isBranch || members === null) return 0;
  const pick = (held: Held, key: string): Held => {
    const box = held?.value;
    if (!isBox(box) || !Object.hasOwn(box, key)) return null;
    return { value: (box as Readonly<Record<string, unknown>>)[key] };
  };
  return members.reduce((rest, key) => {
    const [old, now] = [pick(before, key), pick(after, key)];
    return rest + addLines(lines, key, isNew ? now : old, now ?? null, depth + 1);
  }, 0);
}

function isBox(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function membersOf(before: unknown, after: unknown): readonly string[] | null {
  if (!isBox(after) && !isBox(before)) return null;
  const now = isBox(after) ? Object.keys(after) : [];
  const old = isBox(before) ? Object.keys(before) : [];
  return [...now, ...old.filter((key) => !now.includes(key))];
}

function line(
  name: string,
  sign: Sign,
  before: Held,
  after: Held,
  isBranch: boolean,
  depth: number,
): HTMLElement {
  const value = (after ?? before)?.value;
  const empty = Array.isArray(value) ? '[ ]' : '{ }';
  const text = isBranch ? (Object.keys(value as object).length === 0 ? empty : '') : plain(value);
  const parts: (Node | string)[] = [element('span', 'sign', sign), element('span', 'name', name)];
  if (sign === '~') parts.push(element('del', '', plain(before?.value)), ' → ');
  if (text !== '') parts.push(element('span', 'value', text));
  if (sign !== ' ') parts.push(element('span', 'word', WORDS[sign]));
  const made = element('li', `depth-${Math.min(depth, 9)} ${WORDS[sign]}`.trim(), ...parts);
  made.dataset['sign'] = sign;
  return made;
}

function plain(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

function markPicture({ active, taken }: PageRevision, seen: ReadonlySet<string>): void {
  const isActive = new Set(active);
  for (const part of document.querySelectorAll<SVGElement>('[data-state], [data-words]')) {
    const id = part.dataset['state'] ?? part.dataset['words'] ?? '';
    part.classList.toggle('active', isActive.has(id));
    part.classList.toggle('unseen', !seen.has(id) && !isActive.has(id));
  }
  for (const part of document.querySelectorAll<SVGElement>('[data-transitions]')) {
    const ids: readonly string[] = JSON.parse(part.dataset['transitions'] ?? '[]');
    const isTaken = ids.some((id) => taken.includes(id));
    const source = data.transitions[ids[0] ?? '']?.source ?? '';
    part.classList.toggle('taken', isTaken);
    part.classList.toggle('unseen', !isTaken && !seen.has(source));
  }
  const innermost = [...document.querySelectorAll('#picture .active')].at(-1);
  reveal(innermost ?? null);
}

/** Scrolls the picture, never the page. */
function reveal(part: Element | null): void {
  const place = byId('picture');
  if (part === null) return;
  const [inner, outer] = [part.getBoundingClientRect(), place.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) {
    place.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
  }
  if (inner.left < outer.left || inner.right > outer.right) {
    place.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
  }
}

function localTime(at: number): string {
  const offsetMs = new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - offsetMs).toISOString().slice(0, 23).replace('T', ' ');
}

function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 7_200_000) return `${(ms / 60_000).toFixed(1)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

function play(isOn: boolean): void {
  if (playing !== null) clearInterval(playing);
  playing = isOn ? setInterval(advance, PLAY_MS) : null;
  playButton.textContent = isOn ? '❚❚ Pause' : '▶ Play';
  playButton.setAttribute('aria-pressed', String(isOn));
}

function advance(): void {
  if (shown >= revisions.length - 1) play(false);
  else show(shown + 1);
}

function togglePlay(): void {
  const isOn = playing === null;
  if (isOn && shown >= revisions.length - 1) show(0);
  play(isOn);
}

const KEYS: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => show(shown - 1),
  ArrowDown: () => show(shown - 1),
  ArrowRight: () => show(shown + 1),
  ArrowUp: () => show(shown + 1),
  Home: () => show(0),
  End: () => show(revisions.length - 1),
  ' ': togglePlay,
};

function press(event: KeyboardEvent): void {
  const { key, target, ctrlKey, altKey, metaKey } = event;
  if (ctrlKey || altKey || metaKey || !(target instanceof Element)) return;
  // Up and down scroll where something scrolls; a button takes its own space.
  const isVertical = key === 'ArrowUp' || key === 'ArrowDown';
  if (isVertical && target !== slider) return;
  if (key === ' ' && target.closest('button, summary, a') !== null) return;
  if (target.closest('[data-scrolls]') !== null && key !== ' ') return;
  const act = KEYS[key];
  if (act === undefined) return;
  event.preventDefault();
  if (key !== ' ') play(false);
  act();
}

function fillTable(): void {
  const rows = revisions.map(({ revision, at, kind, type, state, causation, known }, index) => {
    const jump = element('button', 'jump', String(revision));
    jump.setAttribute('aria-label', `Go to revision ${revision}`);
    const cells = [
      localTime(at),
      kind,
      type,
      state,
      causation ?? '',
      String(known?.changes.length ?? ''),
    ];
    const row = element(
      'tr',
      '',
      element('td', '', jump),
      ...cells.map((text) => element('td', '', text)),
    );
    row.dataset['index'] = String(index);
    return row;
  });
  byId('entries').replaceChildren(...rows);
  byId('entries').addEventListener('click', ({ target }) => {
    const row = target instanceof Element ? target.closest('button')?.closest('tr') : null;
    if (row === null || row === undefined) return;
    play(false);
    show(Number(row.dataset['index']));
  });
}

function step(id: string, act: () => void): void {
  byId(id).addEventListener('click', () => {
    play(false);
    act();
  });
}

fillTable();
step('start', () => show(0));
step('previous', () => show(shown - 1));
step('next', () => show(shown + 1));
step('end', () => show(revisions.length - 1));
playButton.addEventListener('click', togglePlay);
byId('fit').addEventListener('click', () => {
  const isFit = byId('picture').classList.toggle('fit');
  byId('fit').setAttribute('aria-pressed', String(isFit));
});
slider.addEventListener('input', () => {
  play(false);
  show(Number(slider.value));
});
document.addEventListener('keydown', press);
show(data.first);
