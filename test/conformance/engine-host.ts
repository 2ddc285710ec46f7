// A chart as the engine runs it, by the public API alone, on a store in memory and a virtual platform.
// `forgetting`: before each command the engine is stopped and the next one reads everything again.

import { EngineError, type HistoryEntry, type Position } from 'sagawright';
import { type AnyStateMachine, createMachine } from 'xstate';
import { collect } from '../support/collected.ts';
import { EngineWorld } from '../support/engine-world.ts';
import { Calls } from './calls.ts';
import type { Case } from './case.ts';
import {
  type ActorSeen,
  type Command,
  callNames,
  failed,
  type Host,
  instrument,
  type Seen,
  tagsOf,
} from './host.ts';
import { Naming } from './naming.ts';

/** Stands for any actor's machine: the store knows what an actor is. */
const anyMachine: AnyStateMachine = createMachine({});

/** A run as it can be compared with another one. */
export interface Run {
  readonly journal: readonly HistoryEntry[];
  readonly commits: number;
  readonly actors: Readonly<Record<string, ActorSeen>>;
}

export class EngineHost implements Host {
  readonly #naming: Naming = new Naming(({ address = '', id }) => below(address || id));
  readonly #calls: Calls = new Calls(this.#naming);
  readonly #machine: AnyStateMachine;
  readonly #world: EngineWorld;
  readonly #case: Case;
  readonly #forgetting: boolean;
  readonly #tags: readonly string[];
  onFailure = (_error: Error): void => undefined;
  #error: unknown = null;
  #last: Position | null = null;
  #logs: string[] = [];
  #actions: string[] = [];

  constructor(chart: Case, { forgetting }: { readonly forgetting: boolean }) {
    this.#case = chart;
    this.#forgetting = forgetting;
    this.#tags = tagsOf(chart.machine);
    this.#machine = instrument(chart.machine, (self, name, params) =>
      this.#actions.push(this.#line(String((self as { address?: string }).address), name, params)),
    );
    this.#world = new EngineWorld({
      onFailure: (error) => this.onFailure(error),
      machines: [this.#machine],
      handlers: Object.fromEntries(
        [...callNames(chart.machine)].map((name) => [
          name,
          ({ actorId, key, input, signal }: HandlerArgs) => {
            const id = key.slice(key.indexOf(':', key.indexOf('@')) + 1);
            return this.#calls.make(below(`${actorId}/${id}`), input, signal);
          },
        ]),
      ),
      logger: {
        info: (label, { actor, value }) => this.#logs.push(this.#line(String(actor), label, value)),
        warn: () => undefined,
        error: () => undefined,
      },
    });
  }

  async start(): Promise<Seen> {
    await this.#world.open();
    const { engine } = this.#world;
    const input = structuredClone(this.#case.input);
    await this.#noticing(engine.start(this.#machine, { id: 'root', input }));
    return this.#look();
  }

  async execute(command: Command): Promise<Seen> {
    if (this.#forgetting) await this.#world.restart('stop');
    await this.#do(command);
    return this.#look();
  }

  /**
   * A whole run: commands one by one, or all sends that stand next to each other in one turn. Goes on
   * when a step is refused.
   */
  async run(commands: readonly Command[], { batched }: { batched: boolean }): Promise<Run> {
    await this.start();
    const { time, store } = this.#world;
    for (let next = 0; next < commands.length; ) {
      const end = commands.findIndex(({ type }, index) => index >= next && type !== 'send');
      const sends = batched ? (end < 0 ? commands.length : end) - next : 0;
      const taken = commands.slice(next, next + Math.max(sends, 1));
      await Promise.all(taken.map((command) => this.#do(command)));
      await time.settle();
      next += taken.length;
    }
    return {
      journal: await collect(this.#world.engine.events()),
      commits: store.commits.length,
      actors: await this.#actors(),
    };
  }

  async close(): Promise<void> {
    await this.#world[Symbol.asyncDispose]();
  }

  /** What was journaled for the start and for each command. */
  readonly entries: (readonly HistoryEntry[])[] = [];

  async #do(command: Command): Promise<void> {
    const { time, engine } = this.#world;
    if (command.type === 'send') {
      const address = command.to === '' ? 'root' : `root/${command.to}`;
      const event = structuredClone(command.event);
      await this.#noticing(engine.actor(anyMachine, address).send(event));
    } else if (command.type === 'advance') await time.advance(command.ms);
    else this.#calls.end(command.call, command.ending);
  }

  /** A step that throws is told to its sender; a child that is not there is nobody's failure. */
  async #noticing(answer: Promise<unknown>): Promise<void> {
    try {
      await answer;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.code === 'ACTOR_NOT_FOUND') return;
      this.#error = error.code === 'STEP_FAILED' ? error.cause : error;
    }
  }

  async #look(): Promise<Seen> {
    const { time, engine } = this.#world;
    await time.settle();
    const entries = await collect(engine.events(this.#last === null ? {} : { after: this.#last }));
    this.#last = entries.at(-1)?.position ?? this.#last;
    this.entries.push(entries);
    const seen = {
      messages: entries.filter(({ kind }) => kind === 'received').map(this.#received),
      emitted: entries
        .filter(({ kind }) => kind === 'emitted')
        .map(({ actor, data }) => this.#line(actor, 'emit', data)),
      logs: this.#logs,
      actions: this.#actions,
    };
    this.#logs = [];
    this.#actions = [];
    if (this.#error !== null) return failed(this.#error);
    // A root refuses what makes it throw, also what an actor sends; XState's would have failed.
    for await (const { reason, actor, error } of engine.deadLetters.list())
      if (reason === 'STEP_FAILED' && actor === 'root') return failed(error);
    const root = await engine.actor(anyMachine, 'root').snapshot();
    if (root.status === 'error') return failed(root.error);
    return { failed: null, actors: await this.#actors(), calls: this.#calls.lines, ...seen };
  }

  async #actors(): Promise<Record<string, ActorSeen>> {
    const actors: Record<string, ActorSeen> = {};
    for await (const { id, status } of this.#world.engine.list())
      if (id === 'root' || status === 'active')
        actors[this.#naming.path(below(id))] = await this.#see(id);
    return actors;
  }

  #received = ({ actor, data }: HistoryEntry): string =>
    this.#naming.line(
      this.#naming.path(below(actor)),
      this.#naming.event(data as { readonly type: string }),
    );

  async #see(id: string): Promise<ActorSeen> {
    const snapshot = await this.#world.engine.actor(anyMachine, id).snapshot();
    const { status, value, context, output } = snapshot;
    return {
      status,
      value,
      context: this.#naming.plain(context),
      output: this.#naming.plain(output),
      tags: this.#tags.filter((tag) => snapshot.hasTag(tag)),
    };
  }

  #line(address: string, what: string, value: unknown): string {
    return this.#naming.line(`${this.#naming.path(below(address))} ${what}`, value);
  }
}

interface HandlerArgs {
  readonly actorId: string;
  readonly key: string;
  readonly input: unknown;
  readonly signal: AbortSignal;
}

/** The path of an address below the root. */
function below(address: string): string {
  return address.split('/').slice(1).join('/');
}
