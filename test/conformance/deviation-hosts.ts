// The two sides of a deviation: an actor as XState runs it, and the same machine under the engine.

import { type AnyActorRef, type AnyStateMachine, createActor, SimulatedClock } from 'xstate';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';

/** A living actor that has been sent events, and the clock that it lives by. */
export function live(machine: AnyStateMachine, ...types: readonly string[]): AnyActorRef {
  const actor = createActor(machine, { id: 'x', clock: new SimulatedClock() });
  actor.subscribe({ error: () => undefined });
  actor.start();
  for (const type of types) actor.send({ type });
  return actor;
}

export function pass(actor: AnyActorRef, ms: number): void {
  (actor as unknown as { readonly clock: SimulatedClock }).clock.increment(ms);
}

export interface Hosted {
  readonly world: EngineWorld;
  send(type: string): Promise<unknown>;
  log(): Promise<unknown>;
}

/** The same under the engine; `handle` gets it, and the world is closed afterwards. */
export async function hosted(
  machine: AnyStateMachine,
  look: (host: Hosted) => Promise<void>,
): Promise<void> {
  await using world = await openWorld({ machines: [machine] });
  await world.engine.start(machine, { id: 'x' });
  await world.time.settle();
  await look({
    world,
    send: (type) => world.engine.actor(machine, 'x').send({ type }),
    log: async () => (await world.engine.actor(machine, 'x').snapshot()).context.log,
  });
}

export const logOf = (actor: AnyActorRef): unknown => actor.getSnapshot().context.log;
