// A chart as XState runs it: a living actor with its whole tree, on XState's own simulated clock.

import {
  type AnyActorRef,
  type AnyEventObject,
  createActor,
  type InspectionEvent,
  SimulatedClock,
} from 'xstate';
import { Calls, keepCalls, livePath } from './calls.ts';
import type { Case } from './case.ts';
import { type ActorSeen, type Command, failed, type Host, instrument, type Seen } from './host.ts';
import { Naming } from './naming.ts';

interface Due {
  readonly atMs: number;
  readonly owner: unknown;
}

/** XState's clock, which moves from one due moment to the next and tells what was delayed. */
class SteppingClock extends SimulatedClock {
  isFiring = false;
  /** Whether timers of several actors were due at one moment. */
  isTied = false;
  /** Whose timer is set. */
  owner: unknown = null;
  readonly #due: Map<number, Due> = new Map();

  override setTimeout(callback: () => void, delayMs: number): number {
    const id = super.setTimeout(() => {
      this.#due.delete(id);
      this.isFiring = true;
      callback();
    }, delayMs);
    this.#due.set(id, { atMs: this.now() + delayMs, owner: this.owner });
    return id;
  }

  override clearTimeout(id: number): void {
    this.#due.delete(id);
    super.clearTimeout(id);
  }

  /** Step by step, so that what a timer arms counts from the moment when it fires. */
  advance(ms: number): void {
    const untilMs = this.now() + ms;
    for (;;) {
      const due = [...this.#due.values()];
      const nextMs = Math.min(...due.map(({ atMs }) => atMs));
      if (nextMs > untilMs) break;
      const owners = due.filter(({ atMs }) => atMs === nextMs).map(({ owner }) => owner);
      this.isTied ||= new Set(owners).size > 1;
      this.set(Math.max(nextMs, this.now()));
    }
    this.set(untilMs);
  }
}

/** A message that an actor is working on; undone when its step throws. */
interface Work {
  readonly line: string;
  /** Whether it means anything to the actor. */
  counts: boolean;
}

export class LiveHost implements Host {
  readonly #naming: Naming = new Naming((ref) => livePath(ref as AnyActorRef));
  readonly #calls: Calls = new Calls(this.#naming);
  readonly #clock: SteppingClock = new SteppingClock();
  readonly #root: AnyActorRef;
  /** Delayed events that actors have sent to themselves. */
  readonly #delayed: WeakSet<object> = new WeakSet();
  readonly #busy: Map<unknown, Work> = new Map();
  #untied = 0;
  #messages: Work[] = [];
  #emitted: string[] = [];
  #logs: string[] = [];
  #actions: string[] = [];

  constructor({ machine, input }: Case) {
    const instrumented = instrument(machine, (self, name, params) =>
      this.#actions.push(this.#line(self as AnyActorRef, name, params)),
    );
    this.#root = createActor(instrumented, {
      id: 'root',
      input: structuredClone(input),
      clock: this.#clock,
      logger: () => undefined,
      inspect: (event) => this.#inspect(event),
    });
    keepCalls(this.#root.system, this.#calls);
    tellOwners(this.#root.system, this.#clock);
    // Whoever listens for errors keeps XState from throwing them at the process.
    this.#root.subscribe({ error: () => undefined });
  }

  /** Whether timers of several actors have been due at one moment. */
  get isTied(): boolean {
    return this.#clock.isTied;
  }

  /** Commands that were executed before that. */
  get untied(): number {
    return this.#untied;
  }

  start(): Promise<Seen> {
    this.#root.start();
    return this.#look();
  }

  execute(command: Command): Promise<Seen> {
    if (command.type === 'send') {
      const target = this.#find(command.to);
      if (target?.getSnapshot().status === 'active') target.send(structuredClone(command.event));
    } else if (command.type === 'advance') this.#clock.advance(command.ms);
    else this.#calls.end(command.call, command.ending);
    if (!this.isTied) this.#untied++;
    return this.#look();
  }

  close(): Promise<void> {
    this.#root.stop();
    return Promise.resolve();
  }

  #find(path: string): AnyActorRef | undefined {
    let actor: AnyActorRef | undefined = this.#root;
    for (const id of path.split('/').filter(Boolean)) actor = actor?.getSnapshot().children?.[id];
    return actor;
  }

  async #look(): Promise<Seen> {
    // How calls end is heard of in microtasks.
    await new Promise((resolve) => setImmediate(resolve));
    const snapshot = this.#root.getSnapshot();
    const messages = this.#messages.flatMap(({ line, counts }) => (counts ? line : []));
    const seen = { messages, emitted: this.#emitted, logs: this.#logs, actions: this.#actions };
    this.#messages = [];
    this.#emitted = [];
    this.#logs = [];
    this.#actions = [];
    if (snapshot.status === 'error') return failed(snapshot.error);
    const actors: Record<string, ActorSeen> = {};
    this.#see(this.#root, actors);
    return { failed: null, actors, calls: this.#calls.lines, ...seen };
  }

  #see(actor: AnyActorRef, actors: Record<string, ActorSeen>): void {
    const { status, value = {}, context, output, tags = [], children = {} } = actor.getSnapshot();
    const isRoot = actor === this.#root;
    const isActor = 'children' in actor.getSnapshot() || !('src' in actor && isPromise(actor));
    if (!isRoot && (status !== 'active' || !isActor || !isRunning(actor))) return;
    actors[this.#naming.path(livePath(actor))] = {
      status,
      value,
      context: this.#naming.plain(context),
      output: this.#naming.plain(output),
      tags: [...tags].sort(),
    };
    for (const child of Object.values<AnyActorRef | undefined>(children))
      if (child !== undefined) this.#see(child, actors);
  }

  #inspect(inspected: InspectionEvent): void {
    const actor = inspected.actorRef as AnyActorRef;
    switch (inspected.type) {
      case '@xstate.event':
        return this.#relayed(
          actor,
          inspected.sourceRef as AnyActorRef | undefined,
          inspected.event,
        );
      case '@xstate.microstep': {
        const { event, _transitions: transitions } = inspected;
        if (/^xstate\.(init|stop)$/.test(event.type)) return;
        // What comes from within is part of the actor's life, also when it changes nothing.
        const counts =
          transitions.length > 0 || event.type.startsWith('xstate.') || this.#delayed.has(event);
        const work = this.#busy.get(actor);
        if (work === undefined) this.#working(actor, event, counts);
        else work.counts ||= counts && !isOrphan(actor);
        return;
      }
      case '@xstate.actor':
        // What its first step raises is not received.
        this.#busy.set(actor, { line: '', counts: false });
        actor.on('*', (event: AnyEventObject) => {
          if (!isOrphan(actor)) this.#emitted.push(this.#line(actor, 'emit', event));
        });
        return;
      case '@xstate.snapshot':
        this.#busy.delete(actor);
        return;
      case '@xstate.action':
        return this.#acted(actor, inspected.action);
      default:
        return;
    }
  }

  #relayed(actor: AnyActorRef, source: AnyActorRef | undefined, event: AnyEventObject): void {
    if (this.#clock.isFiring) {
      this.#clock.isFiring = false;
      if (source === actor) this.#delayed.add(event);
    }
    if (source?._parent === actor && event.type === `xstate.error.actor.${source.id}`) {
      // A step that throws has not happened.
      const work = this.#busy.get(source);
      this.#messages = this.#messages.filter((each) => each !== work);
      this.#busy.delete(source);
      // A deviation: XState lets the children of a broken actor run on, out of reach.
      this.#calls.drop(livePath(source));
    }
    // Reducers take no microsteps.
    if (isReducer(actor) && event.type !== 'xstate.init' && isActive(actor))
      this.#working(actor, event, true);
  }

  #working(actor: AnyActorRef, event: AnyEventObject, counts: boolean): void {
    const line = this.#naming.line(this.#naming.path(livePath(actor)), this.#naming.event(event));
    const work = { line, counts: counts && !isOrphan(actor) };
    this.#busy.set(actor, work);
    this.#messages.push(work);
  }

  #acted(actor: AnyActorRef, { type, params }: { type: string; params: unknown }): void {
    if (type !== 'xstate.log') return;
    const { label = 'log', value } = params as { readonly label?: string; readonly value: unknown };
    this.#logs.push(this.#line(actor, label, value));
  }

  #line(actor: AnyActorRef, what: string, value: unknown): string {
    return this.#naming.line(`${this.#naming.path(livePath(actor))} ${what}`, value);
  }
}

/** A clock is told of delays alone; XState's scheduler knows whose they are. */
function tellOwners(system: object, clock: SteppingClock): void {
  const { scheduler } = system as { readonly scheduler: Scheduler };
  const schedule = scheduler.schedule.bind(scheduler);
  scheduler.schedule = (source, ...rest) => {
    clock.owner = source;
    schedule(source, ...rest);
  };
}

interface Scheduler {
  schedule: (source: unknown, ...rest: readonly unknown[]) => void;
}

function isActive(actor: AnyActorRef): boolean {
  return actor.getSnapshot()?.status === 'active';
}

/** A child that its own step has stopped again was never there, though its first snapshot says so. */
function isRunning(actor: AnyActorRef): boolean {
  return '_processingStatus' in actor && actor._processingStatus === 1;
}

/** Whether an actor above it has broken, or has ended in another way. */
function isOrphan({ _parent: parent }: AnyActorRef): boolean {
  return parent !== undefined && (!isRunning(parent) || isOrphan(parent));
}

function logicOf(actor: AnyActorRef): object {
  return (actor as unknown as { readonly logic: object }).logic;
}

function isPromise(actor: AnyActorRef): boolean {
  return 'start' in logicOf(actor) && !('__xstatenode' in logicOf(actor));
}

function isReducer(actor: AnyActorRef): boolean {
  return !('start' in logicOf(actor)) && !('__xstatenode' in logicOf(actor));
}
