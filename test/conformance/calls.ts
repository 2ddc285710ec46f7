// Calls to the outside whose end a test decides. The same promise logic stands in every chart; whoever
// runs the chart keeps the calls that are open, and ends one by its place among them.

import { type AnyActorRef, fromPromise, type PromiseActorLogic } from 'xstate';
import type { Ending } from '../unit/charts/chart.ts';
import type { Naming } from './naming.ts';

interface OpenCall {
  readonly input: unknown;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class Calls {
  readonly #open: Map<string, OpenCall> = new Map();
  readonly #naming: Naming;

  constructor(naming: Naming) {
    this.#naming = naming;
  }

  /** A call under way; one that is made again, by the next engine, takes the place of the first. */
  make(path: string, input: unknown, signal: AbortSignal): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const call: OpenCall = { input, resolve, reject };
    this.#open.set(path, call);
    signal.addEventListener('abort', () => {
      if (this.#open.get(path) === call) this.#open.delete(path);
    });
    return promise;
  }

  /** Ends one of them, counted in order of name. Answers whether there was one. */
  end(index: number, ending: Ending): boolean {
    const named = [...this.#open.keys()].map((path) => [this.#naming.path(path), path] as const);
    const [, path = null] = named.sort(([a], [b]) => (a < b ? -1 : 1))[index] ?? [];
    const call = path === null ? undefined : this.#open.get(path);
    if (path === null || call === undefined) return false;
    this.#open.delete(path);
    if (ending.type === 'done') call.resolve(structuredClone(ending.output));
    else call.reject(structuredClone(ending.error));
    return true;
  }

  /** Forgets the calls of an actor that is gone, and of those below it. */
  drop(path: string): void {
    for (const each of [...this.#open.keys()])
      if (path === '' || each.startsWith(`${path}/`)) this.#open.delete(each);
  }

  get lines(): readonly string[] {
    const line = ([path, { input }]: [string, OpenCall]): string =>
      this.#naming.line(this.#naming.path(path), input);
    return [...this.#open].map(line).sort();
  }
}

const callsOf: WeakMap<object, Calls> = new WeakMap();

/** From now on, calls that actors of this XState system make are kept there. */
export function keepCalls(system: object, calls: Calls): void {
  callsOf.set(system, calls);
}

/** The path of a living XState actor below its root: ids with slashes between. */
export function livePath(ref: AnyActorRef): string {
  const ids: string[] = [];
  for (
    let actor: AnyActorRef | undefined = ref;
    actor?._parent !== undefined;
    actor = actor._parent
  )
    ids.unshift(actor.id);
  return ids.join('/');
}

/** Promise logic that ends when the test says so; never, if nobody keeps its calls. */
export const task: PromiseActorLogic<unknown, unknown> = fromPromise<unknown, unknown>(
  ({ input, self, system, signal }) =>
    callsOf.get(system)?.make(livePath(self), input, signal) ?? new Promise<never>(() => undefined),
);
