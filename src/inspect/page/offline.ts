// The program of the page `/offline`: what the server tells, shown. Draws at most once for each picture of
// the screen, however much comes; asks nobody but its own server.

import { ActorTree } from './actor-tree.ts';
import { ActorView } from './actor-view.ts';
import { ChartView } from './chart-view.ts';
import { find, setText } from './elements.ts';
import { EventList } from './event-list.ts';
import { Feed, type FeedStatus } from './feed.ts';
import { WatchedActors } from './watched-actors.ts';

const watched = new WatchedActors();
let chosen: string | null = null;
let status: FeedStatus = 'connecting';
let isDrawn = true;
/** What the stream shows while it is paused. */
let frozen: WatchedActors['events'] | null = null;

const tree = new ActorTree(find('ul', 'actors'), choose);
const view = new ActorView(choose);
const chart = new ChartView(find('div', 'chart'), find('button', 'fit'));
const events = new EventList(find('ol', 'events'), choose);
const actorFilter = find('input', 'actor-filter');
const endedFilter = find('input', 'actor-ended');
const eventFilter = find('input', 'event-filter');
const ownFilter = find('input', 'event-own');
const pause = find('button', 'pause');

const STATUS: Readonly<Record<FeedStatus, string>> = {
  connecting: 'Connecting …',
  connected: 'Live',
  lost: 'The engine cannot be reached. Trying again …',
};

function choose(id: string): void {
  chosen = id;
  change();
}

function change(): void {
  if (!isDrawn) return;
  isDrawn = false;
  requestAnimationFrame(draw);
}

function draw(): void {
  isDrawn = true;
  const { actors, leftOut, missed, isRestoring } = watched;
  if (!isRestoring && (chosen === null || !actors.has(chosen))) {
    chosen = firstOf(actors.keys());
  }
  const shown = tree.draw(actors, chosen, {
    text: actorFilter.value,
    hasEnded: endedFilter.checked,
  });
  const more = leftOut === 0 ? '' : `; ${leftOut} more are shown when something happens to them`;
  setText(find('p', 'actor-count'), `${shown} of ${actors.size} actors${more}`);
  const actor = actors.get(chosen ?? '') ?? null;
  // While all is told anew, the last picture stays.
  if (actor !== null || !isRestoring) {
    view.show(actor);
    chart.show(actor);
  }
  const filter = { text: eventFilter.value, actor: ownFilter.checked ? chosen : null };
  const count = events.draw(frozen ?? watched.events, filter);
  const lost = missed === 0 ? '' : `; ${missed} were too many for this page`;
  const waiting = frozen === null ? '' : ', paused';
  setText(
    find('p', 'event-count'),
    `${count === 0 ? 'None yet' : `The last ${count}`}${waiting}${lost}`,
  );
  const line = find('p', 'status');
  setText(line, STATUS[status]);
  line.dataset['status'] = status;
}

function firstOf(ids: Iterable<string>): string | null {
  for (const id of ids) return id;
  return null;
}

pause.addEventListener('click', () => {
  frozen = frozen === null ? [...watched.events] : null;
  pause.setAttribute('aria-pressed', String(frozen !== null));
  change();
});
for (const input of [actorFilter, endedFilter, eventFilter, ownFilter]) {
  input.addEventListener('input', change);
}

new Feed({
  isDefined: false,
  onMessage: (message) => {
    watched.apply(message);
    change();
  },
  onStatus: (now) => {
    status = now;
    change();
  },
}).open();
