// The stream of events, the newest first: bounded, filtered, and standing still while it is paused. What
// came meanwhile is shown when it goes on.

import { create, formatJson, formatTime, place } from './elements.ts';
import type { WatchedEvent } from './watched-actors.ts';

export interface EventFilter {
  readonly text: string;
  /** Null: of all actors. */
  readonly actor: string | null;
}

/** Events on the page: each is an element, and there may be thousands a second. */
const SHOWN_MAX = 200;

export class EventList {
  readonly #list: HTMLOListElement;
  readonly #items: Map<number, { readonly event: WatchedEvent; readonly item: HTMLLIElement }> =
    new Map();
  readonly #onChoose: (id: string) => void;

  constructor(list: HTMLOListElement, onChoose: (id: string) => void) {
    this.#list = list;
    this.#onChoose = onChoose;
  }

  /** Answers with how many are shown. */
  draw(events: readonly WatchedEvent[], { text, actor }: EventFilter): number {
    const wanted = text.trim().toLowerCase();
    const shown = events
      .filter((each) => {
        if (actor !== null && each.actor !== actor) return false;
        return `${each.actor} ${each.event.type} ${each.state ?? ''}`
          .toLowerCase()
          .includes(wanted);
      })
      .slice(-SHOWN_MAX)
      .reverse();
    place(
      this.#list,
      shown.map((each) => this.#item(each)),
    );
    const numbers = new Set(shown.map(({ number }) => number));
    for (const number of this.#items.keys()) if (!numbers.has(number)) this.#items.delete(number);
    return shown.length;
  }

  #item(event: WatchedEvent): HTMLLIElement {
    const known = this.#items.get(event.number);
    if (known?.event === event) return known.item;
    const item = this.#create(event);
    this.#items.set(event.number, { event, item });
    return item;
  }

  #create({ actor, source, atMs, event, state }: WatchedEvent): HTMLLIElement {
    const details = create(
      'details',
      {},
      create(
        'summary',
        {},
        create('time', { datetime: new Date(atMs).toISOString() }, formatTime(atMs)),
        create('span', { class: 'actor' }, actor),
        create('span', { class: 'type' }, event.type),
        create('span', { class: 'state' }, state === null ? '' : `→ ${state}`),
      ),
    );
    // Most are never opened: their inside is made when they are.
    details.addEventListener('toggle', () => {
      if (details.childElementCount > 1) return;
      const button = create('button', { type: 'button' }, 'Show the actor');
      button.addEventListener('click', () => this.#onChoose(actor));
      const from = source === null ? [] : [create('p', { class: 'note' }, `from ${source}`)];
      details.append(...from, create('pre', { tabindex: '0' }, formatJson(event)), button);
    });
    return create('li', {}, details);
  }
}
