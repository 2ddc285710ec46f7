// The list of actors as a tree, with a filter. One row per actor, kept and changed in place; arrow keys
// go through it as through any tree. Tells which actor was chosen, and keeps no other state of it.

import { create, place, setText } from './elements.ts';
import { describeState, type WatchedActor } from './watched-actors.ts';

export interface TreeFilter {
  readonly text: string;
  readonly hasEnded: boolean;
}

interface Row {
  readonly element: HTMLLIElement;
  readonly name: HTMLElement;
  readonly state: HTMLElement;
}

interface Place {
  readonly actor: WatchedActor;
  readonly level: number;
  readonly hasChildren: boolean;
}

const ORDER = new Intl.Collator('en', { numeric: true });

export class ActorTree {
  readonly #list: HTMLUListElement;
  readonly #onChoose: (id: string) => void;
  readonly #rows: Map<string, Row> = new Map();
  readonly #collapsed: Set<string> = new Set();
  #places: readonly Place[] = [];
  #focused: string | null = null;
  #redraw: () => void = () => undefined;

  constructor(list: HTMLUListElement, onChoose: (id: string) => void) {
    this.#list = list;
    this.#onChoose = onChoose;
    list.addEventListener('click', ({ target }) => {
      const id = target instanceof Element ? target.closest('li')?.dataset['id'] : undefined;
      if (id === undefined) return;
      if (target instanceof Element && target.closest('.twist') !== null) this.#toggle(id);
      else this.#choose(id);
    });
    list.addEventListener('keydown', (event) => {
      if (this.#press(event.key)) event.preventDefault();
    });
  }

  /** Answers with how many actors the filter lets through. */
  draw(
    actors: ReadonlyMap<string, WatchedActor>,
    chosen: string | null,
    filter: TreeFilter,
  ): number {
    this.#redraw = () => this.draw(actors, chosen, filter);
    this.#places = placesOf(actors, filter, this.#collapsed);
    const shown = new Set(this.#places.map(({ actor }) => actor.id));
    if (this.#focused === null || !shown.has(this.#focused)) {
      this.#focused = chosen !== null && shown.has(chosen) ? chosen : (this.#at(0) ?? null);
    }
    place(
      this.#list,
      this.#places.map((each) => this.#drawRow(each, chosen)),
    );
    for (const id of this.#rows.keys()) if (!shown.has(id)) this.#rows.delete(id);
    return shown.size;
  }

  #drawRow({ actor, level, hasChildren }: Place, chosen: string | null): HTMLLIElement {
    const { id, name, snapshot } = actor;
    const row = this.#rows.get(id) ?? createRow(id);
    this.#rows.set(id, row);
    const { element } = row;
    element.setAttribute('aria-level', String(level));
    element.setAttribute('aria-selected', String(id === chosen));
    element.dataset['status'] = snapshot.status;
    element.tabIndex = id === this.#focused ? 0 : -1;
    element.style.setProperty('--level', String(level - 1));
    if (hasChildren) element.setAttribute('aria-expanded', String(!this.#collapsed.has(id)));
    else element.removeAttribute('aria-expanded');
    setText(row.name, name);
    setText(row.state, describeState(snapshot));
    return element;
  }

  #choose(id: string): void {
    this.#focus(id);
    this.#onChoose(id);
  }

  #toggle(id: string): void {
    if (!this.#collapsed.delete(id)) this.#collapsed.add(id);
    this.#redraw();
  }

  #focus(id: string | undefined): void {
    const row = id === undefined ? undefined : this.#rows.get(id);
    if (id === undefined || row === undefined) return;
    const old = this.#rows.get(this.#focused ?? '');
    if (old !== undefined) old.element.tabIndex = -1;
    this.#focused = id;
    row.element.tabIndex = 0;
    row.element.focus();
  }

  #at(index: number): string | undefined {
    return this.#places[index]?.actor.id;
  }

  /** Keys of a tree, as WAI-ARIA has them; whether it was one of them. */
  #press(key: string): boolean {
    const index = this.#places.findIndex(({ actor }) => actor.id === this.#focused);
    const place = this.#places[index];
    if (place === undefined) return false;
    const { id, parentId } = place.actor;
    const isOpen = place.hasChildren && !this.#collapsed.has(id);
    switch (key) {
      case 'ArrowDown':
        this.#focus(this.#at(index + 1));
        return true;
      case 'ArrowUp':
        this.#focus(this.#at(index - 1));
        return true;
      case 'Home':
        this.#focus(this.#at(0));
        return true;
      case 'End':
        this.#focus(this.#at(this.#places.length - 1));
        return true;
      case 'ArrowRight':
        if (isOpen) this.#focus(this.#at(index + 1));
        else if (place.hasChildren) this.#toggle(id);
        return true;
      case 'ArrowLeft':
        if (isOpen) this.#toggle(id);
        else this.#focus(parentId ?? undefined);
        return true;
      case 'Enter':
      case ' ':
        this.#onChoose(id);
        return true;
      default:
        return false;
    }
  }
}

function createRow(id: string): Row {
  const name = create('span', { class: 'name' });
  const state = create('span', { class: 'state' });
  const twist = create('span', { class: 'twist', 'aria-hidden': 'true' });
  const element = create('li', { role: 'treeitem', title: id }, twist, name, state);
  element.dataset['id'] = id;
  return { element, name, state };
}

/** The rows to show, from top to bottom: what the filter finds, and what stands above that. */
function placesOf(
  actors: ReadonlyMap<string, WatchedActor>,
  { text, hasEnded }: TreeFilter,
  collapsed: ReadonlySet<string>,
): readonly Place[] {
  const wanted = text.trim().toLowerCase();
  const children = new Map<string | null, WatchedActor[]>();
  const kept = new Set<string>();
  for (const actor of actors.values()) {
    const { id, machine, snapshot } = actor;
    const said = `${id} ${machine} ${describeState(snapshot)}`.toLowerCase();
    if (!hasEnded && (snapshot.status === 'done' || snapshot.status === 'stopped')) continue;
    if (!said.includes(wanted)) continue;
    for (let each: WatchedActor | undefined = actor; each !== undefined && !kept.has(each.id); ) {
      kept.add(each.id);
      each = each.parentId === null ? undefined : actors.get(each.parentId);
    }
  }
  for (const id of kept) {
    const actor = actors.get(id);
    if (actor === undefined) continue;
    const parent = actor.parentId !== null && kept.has(actor.parentId) ? actor.parentId : null;
    const siblings = children.get(parent) ?? [];
    siblings.push(actor);
    children.set(parent, siblings);
  }
  const below = (parent: string | null, level: number): readonly Place[] =>
    [...(children.get(parent) ?? [])]
      .sort((a, b) => ORDER.compare(a.id, b.id))
      .flatMap((actor) => {
        const place = { actor, level, hasChildren: children.has(actor.id) };
        return collapsed.has(actor.id) ? [place] : [place, ...below(actor.id, level + 1)];
      });
  return below(null, 1);
}
