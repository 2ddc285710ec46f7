// The picture of a machine with an actor's states marked in it. Pictures come from the server, once for
// each machine; what an actor does only moves the marks.

import type { Chart } from '../../graph/chart.ts';
import { activeStates, type OverlayValue } from '../../graph/overlay.ts';
import type { ChartPicture } from '../protocol.ts';
import { create } from './elements.ts';
import type { WatchedActor } from './watched-actors.ts';

interface Picture {
  readonly svg: SVGElement;
  readonly chart: Chart;
  readonly style: CSSStyleSheet;
}

export class ChartView {
  readonly #place: HTMLElement;
  readonly #fit: HTMLButtonElement;
  readonly #pictures: Map<string, Promise<Picture | string>> = new Map();
  #shown: string | null = null;
  #actor: WatchedActor | null = null;
  #picture: Picture | null = null;
  #revealed = '';

  /** @param fit shows the whole picture in the place that there is, or its texts as large as others */
  constructor(place: HTMLElement, fit: HTMLButtonElement) {
    this.#place = place;
    this.#fit = fit;
    fit.addEventListener('click', () => {
      const isFit = place.classList.toggle('fit');
      fit.setAttribute('aria-pressed', String(isFit));
      this.#reveal();
    });
  }

  show(actor: WatchedActor | null): void {
    this.#actor = actor;
    const name = actor === null ? null : `${actor.machine}@${actor.machineVersion}`;
    if (name === this.#shown) {
      this.#mark();
      return;
    }
    this.#shown = name;
    this.#picture = null;
    this.#fit.hidden = true;
    this.#place.replaceChildren();
    if (actor !== null && name !== null) void this.#load(actor, name);
  }

  async #load({ machine, machineVersion }: WatchedActor, name: string): Promise<void> {
    const loading = this.#pictures.get(name) ?? fetchPicture(machine, machineVersion);
    this.#pictures.set(name, loading);
    this.#place.replaceChildren(create('p', { class: 'note' }, 'The picture is being drawn.'));
    const picture = await loading;
    // Somebody else may have been chosen meanwhile.
    if (this.#shown !== name) return;
    if (typeof picture === 'string') {
      this.#pictures.delete(name);
      this.#place.replaceChildren(create('p', { class: 'note' }, picture));
      return;
    }
    this.#picture = picture;
    this.#revealed = '';
    this.#fit.hidden = false;
    document.adoptedStyleSheets = [picture.style];
    this.#place.replaceChildren(picture.svg);
    this.#mark();
  }

  #mark(): void {
    const [actor, picture] = [this.#actor, this.#picture];
    if (actor === null || picture === null) return;
    // A state value as XState has it.
    const active = new Set(activeStates(picture.chart, actor.snapshot.value as OverlayValue));
    const root = picture.chart.states[0]?.id;
    for (const state of picture.svg.querySelectorAll<SVGElement>('[data-state]')) {
      const id = state.dataset['state'] ?? '';
      state.classList.toggle('active', id !== root && active.has(id));
    }
    const where = [...active].join(' ');
    if (where !== this.#revealed) this.#reveal();
    this.#revealed = where;
  }

  /** Scrolls the picture, and nothing else, to the innermost of the states that are active. */
  #reveal(): void {
    const leaf = [...this.#place.querySelectorAll('.leaf.active')].at(-1);
    if (leaf === undefined) return;
    const [frame, box] = [this.#place.getBoundingClientRect(), leaf.getBoundingClientRect()];
    this.#place.scrollBy({
      left: offCentre(box.left, box.width, frame.left, frame.width),
      top: offCentre(box.top, box.height, frame.top, frame.height),
    });
  }
}

/** How far to scroll until a stretch is in the middle of its frame; 0 when all of it is seen. */
function offCentre(start: number, length: number, frameStart: number, frameLength: number): number {
  const isSeen = start >= frameStart && start + length <= frameStart + frameLength;
  return isSeen ? 0 : start + length / 2 - (frameStart + frameLength / 2);
}

/** The picture; or why there is none. */
async function fetchPicture(machine: string, version: string): Promise<Picture | string> {
  try {
    const response = await fetch(`/chart?${new URLSearchParams({ machine, version })}`);
    if (!response.ok) return await response.text();
    // What the server writes is what it reads here: one package.
    const picture = (await response.json()) as ChartPicture;
    const svg = new DOMParser().parseFromString(picture.svg, 'image/svg+xml').documentElement;
    if (!(svg instanceof SVGElement)) return 'The picture cannot be read.';
    const style = new CSSStyleSheet();
    style.replaceSync(picture.style);
    const { chart } = picture;
    return { svg, chart, style };
  } catch (error) {
    return `The picture could not be had: ${String(error)}`;
  }
}
