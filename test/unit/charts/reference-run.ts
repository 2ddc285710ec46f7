// A chart driven by XState's own pure functions, `initialTransition` and `transition`: what the adapter
// has to agree with, action by action.

import { type AnyMachineSnapshot, type EventObject, initialTransition, transition } from 'xstate';
import { asksOf, isChild, type Recorded, spawnedApart } from './asks.ts';
import type { Chart } from './chart.ts';
import { HostedRun, type Stepped } from './hosted-run.ts';
import { Names } from './observation.ts';

export class ReferenceRun extends HostedRun {
  #snapshot: AnyMachineSnapshot | null = null;
  readonly #ended: Set<unknown> = new Set();

  constructor(chart: Chart) {
    // Each call makes a new actor to run in, so it is known by having no parent.
    const isSelf = (reference: { readonly _parent?: unknown }): boolean =>
      reference._parent === undefined;
    super(chart, new Names((reference) => (isSelf(reference) ? 'self' : null)));
  }

  protected override first(): Stepped {
    return this.#take(initialTransition(this.chart.machine, this.chart.input));
  }

  protected override next(event: EventObject): Stepped {
    if (this.#snapshot === null) throw new Error('Expected a run that has been started.');
    return this.#take(transition(this.chart.machine, this.#snapshot, event));
  }

  protected override running(): readonly string[] {
    const children = Object.values(this.#snapshot?.children ?? {}).filter(isChild);
    return children.filter((child) => !this.#ended.has(child)).map(({ id }) => id);
  }

  protected override end(id: string): void {
    const children = Object.values(this.#snapshot?.children ?? {}).filter(isChild);
    this.#ended.add(children.find((child) => child.id === id));
  }

  protected override fired(): void {}

  #take([snapshot, actions]: readonly [AnyMachineSnapshot, readonly Recorded[]]): Stepped {
    if (snapshot.status === 'error') throw snapshot.error;
    const known = new Set<unknown>(Object.values(this.#snapshot?.children ?? {}));
    this.#snapshot = snapshot;
    const asks = asksOf(actions, known, this.names);
    return { snapshot, asks, spawned: spawnedApart(snapshot.children, actions, known) };
  }
}
