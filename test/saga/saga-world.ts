// One saga in an engine on virtual time, with a scripted handler for each call that it makes. Tests end
// each call themselves.

import { type ActorClient, Rejected, type SagaMachine } from 'sagawright';
import { EngineWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

type AnySaga = SagaMachine<never, never> | SagaMachine<unknown, Readonly<Record<string, unknown>>>;

export class SagaWorld implements AsyncDisposable {
  readonly world: EngineWorld;
  readonly #machine: AnySaga;
  readonly #handlers: Readonly<Record<string, ScriptedHandler>>;

  constructor(machine: AnySaga, names: readonly string[], nested: readonly AnySaga[] = []) {
    this.#machine = machine;
    this.#handlers = Object.fromEntries(names.map((name) => [name, new ScriptedHandler()]));
    const handlers = Object.fromEntries(
      Object.entries(this.#handlers).map(([name, handler]) => [name, handler.run]),
    );
    this.world = new EngineWorld({ machines: [machine, ...nested], handlers });
  }

  async start(input: unknown = {}): Promise<ActorClient> {
    await this.world.open();
    const actor = await this.world.engine.start(this.#machine, { id: 's', input });
    await this.settle();
    return actor;
  }

  get actor(): ActorClient {
    return this.world.engine.actor(this.#machine, 's');
  }

  on(name: string): ScriptedHandler {
    const handler = this.#handlers[name];
    if (handler === undefined) throw new Error(`There is no handler ${name}.`);
    return handler;
  }

  /** The keys under which a call was made, without the actor's address. */
  keys(name: string): readonly string[] {
    return this.on(name).calls.map(({ key }) => key.slice(key.indexOf(':') + 1));
  }

  async settle(): Promise<void> {
    await this.world.time.settle();
  }

  async advance(byMs: number): Promise<void> {
    await this.world.time.advance(byMs);
    await this.settle();
  }

  /** Ends the last call of a name well. */
  async done(name: string, output: unknown = null): Promise<void> {
    this.on(name).last.resolve(output);
    await this.settle();
  }

  async reject(name: string, code = 'NO'): Promise<void> {
    this.on(name).last.reject(new Rejected(code));
    await this.settle();
  }

  async fail(name: string): Promise<void> {
    this.on(name).last.reject(new Error('The line is dead.'));
    await this.settle();
  }

  /** Sends an event, and answers with the receipt's status. */
  async send(event: { readonly type: string; readonly [name: string]: unknown }): Promise<string> {
    const { status } = await this.actor.send(event);
    await this.settle();
    return status;
  }

  async value(): Promise<unknown> {
    return (await this.actor.snapshot()).value;
  }

  async status(): Promise<unknown> {
    const { status, output } = await this.actor.snapshot();
    return status === 'done' ? (output as { readonly status: string }).status : status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}
