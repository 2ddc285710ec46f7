// A chart as a living XState actor, its children replaced by recorders: what XState really does, and in
// which order. Its clock moves only when told to.

import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  createMachine,
  type EventObject,
  fromCallback,
  type InspectionEvent,
} from 'xstate';
import { type Ask, asksOf, describeAsk, isChild, type Recorded, spawnedApart } from './asks.ts';
import type { Chart, Command } from './chart.ts';
import { endEvent, type Run, sortedByName } from './hosted-run.ts';
import { failure, Names, type Observation, observe } from './observation.ts';
import { TimersClock } from './timers.ts';

export class LiveRun implements Run {
  readonly #root: AnyActorRef;
  readonly #clock: TimersClock = new TimersClock();
  readonly #names: Names;
  readonly #ended: Set<unknown> = new Set();
  #known: ReadonlySet<unknown> = new Set();
  #recorded: Recorded[] = [];
  #asks: Ask[] = [];
  #spawned: Ask[] = [];
  /** What children, listeners and the parent have really seen. */
  readonly #seen: string[][] = [];

  constructor(chart: Chart) {
    this.#names = new Names((reference) => {
      if (!('id' in reference)) return null;
      if (reference.id === 'chart') return 'self';
      return reference.id === 'parent' ? 'parent' : null;
    });
    const machine = chart.machine.provide({ actors: this.#recorders(chart.machine) });
    const options = {
      clock: this.#clock,
      logger: () => undefined,
      inspect: (event: InspectionEvent) => this.#inspect(event),
    };
    this.#root =
      chart.needs === 'parent'
        ? createActor(this.#parentOf(machine, chart.input), { ...options, id: 'parent' })
        : createActor(machine, { ...options, id: 'chart', input: chart.input });
  }

  start(): Observation {
    return this.#observing(() => {
      // Whoever listens for errors keeps XState from throwing them at the process.
      this.#root.subscribe({ error: () => undefined });
      this.#listen();
      this.#root.start();
    });
  }

  execute(command: Command): Observation {
    return this.#observing(() => {
      if (this.#actor.getSnapshot().status !== 'active') return;
      if (command.type === 'send') this.#actor.send(command.event);
      else if (command.type === 'advance') this.#clock.advance(command.ms);
      else this.#end(command);
    });
  }

  /** What was really done, in order, by the start and by each command: what the recorders have seen. */
  get seen(): readonly (readonly string[])[] {
    return this.#seen;
  }

  get #actor(): AnyActorRef {
    const { children } = this.#root.getSnapshot() as AnyMachineSnapshot;
    const chart: AnyActorRef | undefined = children['chart'];
    return this.#root.id === 'chart' ? this.#root : (chart ?? this.#root);
  }

  #observing(run: () => void): Observation {
    this.#asks = [];
    this.#spawned = [];
    this.#seen.push([]);
    run();
    const snapshot: AnyMachineSnapshot = this.#actor.getSnapshot();
    if (snapshot.status === 'error') return failure(snapshot.error);
    const describe = (ask: Ask): string => describeAsk(ask, this.#names);
    return observe(snapshot, this.#names, this.#asks.map(describe), this.#spawned.map(describe));
  }

  #end({ child, ending }: Extract<Command, { type: 'end' }>): void {
    const snapshot: AnyMachineSnapshot = this.#actor.getSnapshot();
    const children = Object.values(snapshot.children).filter(isChild);
    const running = children.filter((each) => !this.#ended.has(each)).map(({ id }) => id);
    const id = sortedByName(running, this.#names)[child];
    if (id === undefined) return;
    this.#ended.add(children.find((each) => each.id === id));
    this.#actor.send(endEvent(id, ending));
  }

  #inspect(event: InspectionEvent): void {
    if (!('id' in event.actorRef) || event.actorRef.id !== 'chart') return;
    if (event.type === '@xstate.action') this.#recorded.push(event.action as Recorded);
    if (event.type !== '@xstate.snapshot') return;
    // The end of a macrostep, its actions done.
    const { children } = event.snapshot as AnyMachineSnapshot;
    this.#asks.push(...asksOf(this.#recorded, this.#known, this.#names));
    this.#spawned.push(...spawnedApart(children, this.#recorded, this.#known));
    this.#recorded = [];
    this.#known = new Set(Object.values(children));
  }

  #listen(): void {
    if (this.#root.id !== 'chart') return;
    this.#root.on('*', (event: EventObject) => {
      this.#seen.at(-1)?.push(this.#names.line('emit', event));
    });
  }

  #recorders(machine: AnyStateMachine): Record<string, ReturnType<typeof fromCallback>> {
    const sources = Object.keys(machine.implementations.actors);
    return Object.fromEntries(sources.map((src) => [src, this.#recorder(src)]));
  }

  #recorder(src: string): ReturnType<typeof fromCallback> {
    return fromCallback(({ self, input, receive }) => {
      const { systemId, _syncSnapshot: sync } = self as {
        systemId?: string;
        _syncSnapshot?: boolean;
      };
      this.#see({ type: 'start', id: self.id, src, input, systemId, sync });
      receive((event) => this.#see({ type: 'send', to: self.id, event }));
      return () => this.#see({ type: 'stop', id: self.id });
    });
  }

  #see(ask: Ask): void {
    this.#seen.at(-1)?.push(describeAsk(ask, this.#names));
  }

  #parentOf(chart: AnyStateMachine, input: unknown): AnyStateMachine {
    return createMachine({
      invoke: { id: 'chart', src: chart, input },
      on: {
        '*': {
          actions: ({ event }: { event: EventObject }) => {
            if (!event.type.startsWith('xstate.done.'))
              this.#see({ type: 'send', to: 'parent', event });
          },
        },
      },
    });
  }
}
