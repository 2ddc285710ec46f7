// The host that a pure step needs: a queue for what an actor sends to itself, timers, and word of how
// its children end. Shared by the runs of XState's pure functions and of the adapter, so that what is
// compared are the steps alone.

import type { EventObject } from 'xstate';
import { type Ask, describeAsk } from './asks.ts';
import type { Chart, Command } from './chart.ts';
import { failure, type Names, type Observation, observe, type Visible } from './observation.ts';
import { Timers } from './timers.ts';

/** One way to run a chart. */
export interface Run {
  start(): Observation;
  execute(command: Command): Observation;
}

/** What one macrostep has made. */
export interface Stepped {
  readonly snapshot: Visible;
  readonly asks: readonly Ask[];
  /** Starts that no recorded action tells of. */
  readonly spawned: readonly Ask[];
}

export type Delayed = Extract<Ask, { type: 'timer' }>;

export abstract class HostedRun implements Run {
  protected readonly chart: Chart;
  protected readonly names: Names;
  readonly #timers: Timers<Delayed> = new Timers();
  #last: Stepped | null = null;
  #unnamed = 0;
  #queue: EventObject[] = [];
  #trace: string[] = [];
  #spawned: string[] = [];
  readonly #done: string[][] = [];

  constructor(chart: Chart, names: Names) {
    this.chart = chart;
    this.names = names;
  }

  /** @throws what the context factory or an initial action threw */
  protected abstract first(): Stepped;
  /** @throws what a guard or an action threw, or an error event that nothing handles */
  protected abstract next(event: EventObject): Stepped;
  /** Ids of the children that have not ended, in any order. */
  protected abstract running(): readonly string[];
  /** A child ends: the event that says so follows. */
  protected abstract end(id: string, event: EventObject): void;
  protected abstract fired(timer: Delayed): void;

  protected get nowMs(): number {
    return this.#timers.nowMs;
  }

  /** What a host does, in order, at the start and for each command: what was asked, and timers that fire. */
  get done(): readonly (readonly string[])[] {
    return this.#done;
  }

  /** When the timers that are armed fall due, in that order. */
  get dueAt(): readonly number[] {
    return this.#timers.dueAt;
  }

  start(): Observation {
    return this.#observing(() => {
      this.#take(this.first());
      this.#drain();
    });
  }

  execute(command: Command): Observation {
    return this.#observing(() => {
      if (command.type === 'send') this.#receive(command.event);
      else if (command.type === 'advance')
        this.#timers.advance(command.ms, (due) => this.#fire(due));
      else {
        const id = sortedByName(this.running(), this.names)[command.child];
        if (id === undefined) return;
        const event = endEvent(id, command.ending);
        this.end(id, event);
        this.#receive(event);
      }
    });
  }

  #observing(run: () => void): Observation {
    this.#trace = [];
    this.#spawned = [];
    this.#done.push([]);
    try {
      if (this.#last === null || this.#last.snapshot.status === 'active') run();
    } catch (error) {
      return failure(error);
    }
    if (this.#last === null) throw new Error('Expected a run that has been started.');
    return observe(this.#last.snapshot, this.names, this.#trace, this.#spawned);
  }

  #fire(timer: Delayed): void {
    const { to, event } = timer;
    this.fired(timer);
    if (to === 'self') this.#receive(event as EventObject);
    else this.#done.at(-1)?.push(describeAsk({ type: 'send', to, event }, this.names));
  }

  #receive(event: EventObject): void {
    this.#queue.push(event);
    this.#drain();
  }

  #drain(): void {
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      if (this.#last?.snapshot.status === 'active') this.#take(this.next(event));
    }
  }

  #take(stepped: Stepped): void {
    this.#last = stepped;
    const { asks, spawned, snapshot } = stepped;
    this.#spawned.push(...spawned.map((ask) => describeAsk(ask, this.names)));
    for (const ask of asks) {
      const line = describeAsk(ask, this.names);
      this.#trace.push(line);
      this.#done.at(-1)?.push(line);
      if (ask.type === 'send' && ask.to === 'self') this.#queue.push(ask.event as EventObject);
      else if (ask.type === 'timer') this.#timers.arm(ask.id ?? this.#newId(), ask.delayMs, ask);
      else if (ask.type === 'cancel') this.#timers.cancel(ask.id);
    }
    if (snapshot.status !== 'active') this.#timers.clear();
  }

  #newId(): string {
    this.#unnamed += 1;
    return `unnamed ${this.#unnamed}`;
  }
}

export function sortedByName(ids: readonly string[], names: Names): readonly string[] {
  return [...ids].sort((a, b) => (names.id(a) < names.id(b) ? -1 : 1));
}

/** The event by which a parent hears how its child has ended. */
export function endEvent(
  id: string,
  { type, ...what }: Extract<Command, { type: 'end' }>['ending'],
): EventObject {
  const event = { type: `xstate.${type}.actor.${id}`, ...what, actorId: id };
  return event;
}
