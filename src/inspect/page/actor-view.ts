// The chosen actor: where it is, what it remembers, how it ended. Its picture is chart-view's.

import { find, formatJson, setText } from './elements.ts';
import { describeState, type WatchedActor } from './watched-actors.ts';

export class ActorView {
  readonly #onChoose: (id: string) => void;
  readonly #section: HTMLElement = find('section', 'actor');
  readonly #title: HTMLElement = find('h2', 'actor-title');
  readonly #state: HTMLElement = find('dd', 'actor-state');
  readonly #status: HTMLElement = find('dd', 'actor-status');
  readonly #machine: HTMLElement = find('dd', 'actor-machine');
  readonly #revision: HTMLElement = find('dd', 'actor-revision');
  readonly #parent: HTMLButtonElement = find('button', 'actor-parent');
  readonly #context: HTMLElement = find('pre', 'actor-context');
  readonly #end: HTMLElement = find('section', 'actor-end');
  readonly #endTitle: HTMLElement = find('h3', 'actor-end-title');
  readonly #endValue: HTMLElement = find('pre', 'actor-end-value');
  #actor: WatchedActor | null = null;

  constructor(onChoose: (id: string) => void) {
    this.#onChoose = onChoose;
    this.#parent.addEventListener('click', () => {
      const parentId = this.#actor?.parentId;
      if (typeof parentId === 'string') this.#onChoose(parentId);
    });
  }

  show(actor: WatchedActor | null): void {
    if (actor === this.#actor) return;
    this.#actor = actor;
    this.#section.dataset['chosen'] = String(actor !== null);
    if (actor === null) {
      setText(this.#title, 'No actor is chosen');
      return;
    }
    const { id, snapshot, machine, machineVersion, revision, parentId } = actor;
    setText(this.#title, id);
    setText(this.#state, describeState({ ...snapshot, status: 'active' }));
    setText(this.#status, snapshot.status);
    this.#status.dataset['status'] = snapshot.status;
    setText(this.#machine, `${machine} ${machineVersion}`);
    setText(this.#revision, String(revision));
    this.#parent.hidden = parentId === null;
    setText(this.#parent, parentId ?? '');
    setText(this.#context, formatJson(snapshot.context));
    const [what, end] =
      snapshot.status === 'error' || snapshot.error !== undefined
        ? ['Error', snapshot.error]
        : ['Output', snapshot.output];
    this.#end.hidden = end === undefined || end === null;
    setText(this.#endTitle, what ?? '');
    setText(this.#endValue, formatJson(end));
  }
}
