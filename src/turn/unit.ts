// A unit of work: one message and everything that it causes, in memory and synchronous. Each actor has
// a mailbox of its own and a busy actor's messages wait for it, as in XState. Nothing is written here:
// the output is committed by the turn, or thrown away.

import { invariant } from '../errors.ts';
import type { ActorId } from '../ids.ts';
import type { Limits } from '../limits.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { StepSystem } from '../step/handle.ts';
import type { FindSeed } from '../step/virtual.ts';
import { startActor } from './birth.ts';
import type { Message } from './message.ts';
import { receive } from './receiving.ts';
import { UnitOutput } from './unit-output.ts';
import type { Birth, Delivery, UnitScope } from './unit-scope.ts';
import { isThere, type Known, type View, withChanges } from './view.ts';

export interface UnitOptions {
  readonly view: View;
  readonly system: StepSystem;
  readonly limits: Limits;
  readonly findSeed: FindSeed;
  /** Wall clock of the turn, milliseconds since the epoch. */
  readonly now: number;
}

export class Unit implements UnitScope {
  readonly output: UnitOutput;
  readonly system: StepSystem;
  readonly limits: Limits;
  readonly findSeed: FindSeed;
  readonly #view: View;
  readonly #waiting: Map<ActorId, Message[]> = new Map();
  #delivered = 0;

  constructor({ view, system, limits, findSeed, now }: UnitOptions) {
    this.#view = view;
    this.system = system;
    this.limits = limits;
    this.findSeed = findSeed;
    this.output = new UnitOutput(now);
  }

  actor(id: ActorId): Known {
    return this.output.actors.get(id) ?? this.#view.actor(id);
  }

  savepoint(): () => void {
    const undo = this.output.savepoint();
    const queues = [...this.#waiting.values()].map((queue) => ({ queue, length: queue.length }));
    return () => {
      undo();
      for (const { queue, length } of queues) queue.length = length;
    };
  }

  /** An actor that this unit is working on. */
  state(id: ActorId): ActorState {
    const known = this.actor(id);
    invariant(isThere(known), 'the unit works on an actor that is not there', {
      id,
    });
    return known;
  }

  systemIds(root: ActorId): ReadonlyMap<string, ActorId> {
    return withChanges(this.#view.systemIds(root), this.output.systemIds.get(root));
  }

  /**
   * Processes a message with all that it causes. Past the bound of a cascade, messages are set aside
   * for the inbox, so one message can never make a commit without end.
   */
  deliver(message: Message): Delivery {
    this.#delivered += 1;
    if (this.#delivered > this.limits.cascade) {
      this.output.overflow.push(message);
      return { type: 'dropped' };
    }
    const waiting = this.#waiting.get(message.target);
    if (waiting === undefined) return this.#whileBusy(message.target, () => receive(this, message));
    waiting.push(message);
    return { type: 'dropped' };
  }

  /** Starts an actor and lets it and its children do their first work. @throws what its first step throws */
  start(birth: Birth): void {
    this.#whileBusy(birth.id, () => startActor(this, birth));
  }

  /** Runs a task of an actor, then, in order, whatever was sent to it in the meantime. */
  #whileBusy<Result>(actor: ActorId, task: () => Result): Result {
    const queue: Message[] = [];
    this.#waiting.set(actor, queue);
    try {
      const result = task();
      for (let message = queue.shift(); message !== undefined; message = queue.shift()) {
        receive(this, message);
      }
      return result;
    } finally {
      this.#waiting.delete(actor);
    }
  }
}
