// Several actors in one commit: a synchronous callback over a unit of work. What it touches and is not
// in memory is loaded, and the callback runs again; a throw leaves no trace.

import type { AnyStateMachine, EventFromLogic, StateValue } from 'xstate';
import type { ActorClient } from '../client/actor-client.ts';
import { checkExpectedRevision, checkPayload, createMessage } from '../client/intake.ts';
import { type RejectedReceipt, rejectedReceipt } from '../client/receipt.ts';
import { type ActorSnapshot, createSnapshot } from '../client/snapshot-view.ts';
import { checkStartOptions, type StartOptions } from '../client/start-options.ts';
import { EngineError } from '../errors.ts';
import { type ActorId, actorAddress } from '../ids.ts';
import { checkMembers } from '../options.ts';
import type { HostedLogic } from '../step/logic.ts';
import type { Origin } from './message.ts';
import { startRoot } from './starting.ts';
import type { UnitScope } from './unit-scope.ts';
import { checkRevision, isParked, Missing, notFound, parkedError, stepFailed } from './view.ts';

/** Who is meant: an actor's client, or its address. */
export type Addressee<Machine extends AnyStateMachine> = ActorClient<Machine> | string;

/** What became of a message within a transaction; its position is known after the commit only. */
export type TransactionReceipt =
  | { readonly status: 'accepted'; readonly revision: number; readonly value: StateValue }
  | RejectedReceipt;

export interface TransactionSendOptions {
  /** The actor's revision that the decision was made on: another one is `REVISION_CONFLICT`. */
  readonly expectedRevision?: number;
}

/** What a transaction's callback works with; of no use after it has returned. */
export interface Transaction {
  /**
   * Sends an event, and all that it causes, within this transaction. A rejection is a receipt: throw to
   * give the whole transaction up.
   * @throws EngineError `ACTOR_NOT_FOUND`, `ACTOR_PARKED`, `REVISION_CONFLICT`, `BAD_EVENT`, `BAD_VALUE`;
   * `STEP_FAILED` and `TRANSACTION_TOO_LARGE`, after which the transaction fails even if they are caught
   */
  send<Machine extends AnyStateMachine>(
    target: Addressee<Machine>,
    event: EventFromLogic<Machine>,
    options?: TransactionSendOptions,
  ): TransactionReceipt;
  /** Starts an actor. @throws EngineError as `engine.start` does */
  start<Machine extends AnyStateMachine>(
    machine: Machine,
    options: StartOptions<Machine>,
  ): { readonly created: boolean };
  /** An actor as it is at this point of the transaction. @throws EngineError `ACTOR_NOT_FOUND`, `ACTOR_PARKED` */
  snapshot<Machine extends AnyStateMachine>(target: Addressee<Machine>): ActorSnapshot<Machine>;
}

export interface TransactionContext {
  readonly logicOf: (machine: AnyStateMachine) => HostedLogic;
  readonly origin: Origin;
}

/**
 * Runs the callback once, over the unit. Answers with its result as JSON gives it back.
 * @throws Missing when something must be loaded first, also if the callback has caught that; whatever
 * the callback throws
 */
export function runTransaction(
  unit: UnitScope,
  callback: (transaction: Transaction) => unknown,
  context: TransactionContext,
): unknown {
  const scope = new TransactionScope(unit, context);
  let result: unknown;
  try {
    result = callback(scope);
  } catch (error) {
    throw scope.doom ?? error;
  } finally {
    scope.end();
  }
  const isPromise = typeof result === 'object' && result !== null && 'then' in result;
  // Before anything is thrown: it may reject with what this run was missing, and nobody else listens.
  if (isPromise) Promise.resolve(result).catch(() => undefined);
  if (scope.doom !== null) throw scope.doom;
  if (isPromise) {
    throw new EngineError(
      'BAD_OPTION',
      'Expected a synchronous callback of transact, got one that returns a promise. Do what is asynchronous before or after it.',
    );
  }
  return checkPayload(result, 'the result of transact', unit.limits);
}

class TransactionScope implements Transaction {
  /** Why this run cannot be committed, whatever the callback makes of it: checked after the callback. */
  doom: Missing | EngineError | null = null;
  readonly #unit: UnitScope;
  readonly #context: TransactionContext;
  #ended = false;

  constructor(unit: UnitScope, context: TransactionContext) {
    this.#unit = unit;
    this.#context = context;
  }

  end(): void {
    this.#ended = true;
  }

  send<Machine extends AnyStateMachine>(
    target: Addressee<Machine>,
    event: EventFromLogic<Machine>,
    options: TransactionSendOptions = {},
  ): TransactionReceipt {
    return this.#during(() => {
      checkMembers(options, 'the options of send', { expectedRevision: true });
      const { expectedRevision } = options;
      const { origin } = this.#context;
      const id = addressOf(target);
      checkExpectedRevision(expectedRevision);
      checkRevision(this.#unit.actor(id), id, expectedRevision);
      const message = { ...createMessage(id, event, {}, this.#unit.limits), ...origin };
      const delivery = this.#unit.deliver(message);
      switch (delivery.type) {
        case 'accepted': {
          const { revision, stored } = delivery.state;
          return { status: 'accepted', revision, value: stored.value ?? {} };
        }
        case 'rejected':
          return rejectedReceipt(delivery.state);
        case 'undeliverable':
          throw delivery.known === null ? notFound(id) : parkedError(delivery.known);
        case 'failed':
          throw this.#doomed(stepFailed(id, delivery.error));
        default:
          throw this.#doomed(
            new EngineError(
              'TRANSACTION_TOO_LARGE',
              `Expected a transaction of at most ${this.#unit.limits.cascade} messages, those that they cause included. Divide it, or raise limits.cascade.`,
            ),
          );
      }
    });
  }

  start<Machine extends AnyStateMachine>(
    machine: Machine,
    options: StartOptions<Machine>,
  ): { readonly created: boolean } {
    return this.#during(() => {
      const { logicOf, origin } = this.#context;
      const checked = checkStartOptions(options, this.#unit.limits);
      const correlation = checked.correlation ?? origin.correlation;
      const order = { ...checked, logic: logicOf(machine), ...origin, correlation };
      return startRoot(this.#unit, order);
    });
  }

  snapshot<Machine extends AnyStateMachine>(target: Addressee<Machine>): ActorSnapshot<Machine> {
    return this.#during(() => {
      const id = addressOf(target);
      const known = this.#unit.actor(id);
      if (known === null) throw notFound(id);
      if (isParked(known)) throw parkedError(known);
      return createSnapshot<Machine>(known);
    });
  }

  #during<Result>(work: () => Result): Result {
    if (this.#ended) {
      throw new EngineError(
        'BAD_OPTION',
        'Expected a transaction to be used within its callback only; this one has ended.',
      );
    }
    // What was found missing is loaded next: nothing more can be learned from this run.
    if (this.doom !== null) throw this.doom;
    try {
      return work();
    } catch (error) {
      if (error instanceof Missing) this.doom = error;
      throw error;
    }
  }

  #doomed(error: EngineError): EngineError {
    this.doom = error;
    return error;
  }
}

function addressOf(target: Addressee<AnyStateMachine>): ActorId {
  return actorAddress(typeof target === 'string' ? target : target.id);
}
