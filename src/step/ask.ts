// `ask`: one actor's request to another, as promise logic whose outcome is the receipt. Under the
// engine the message and its answer are part of the same commit as the step that asked; nothing here
// runs then. A refusal is an error event with outcome `rejected`, so it is never silence.

import { type EventObject, fromPromise, type PromiseActorLogic, type StateValue } from 'xstate';
import { EngineError } from '../errors.ts';

/** The request that an `ask` makes of its input. */
export interface AskRequest {
  /** Address of the actor asked. */
  readonly to: string;
  readonly event: EventObject;
}

/**
 * The receipt that an `ask` ends with. It has no position: question and answer are written by one
 * commit, which has not happened when the asking machine sees it.
 */
export interface AskReceipt {
  /** The actor's revision of the message's own journal entry. */
  readonly revision: number;
  /** The state value right after the message. */
  readonly value: StateValue;
}

const ASK: unique symbol = Symbol('sagawright.ask');

export type AskLogic<Input> = PromiseActorLogic<AskReceipt, Input> & {
  readonly [ASK]: (input: Input) => AskRequest;
};

/**
 * Promise logic that sends a message to another actor and ends with its receipt. If the other does not
 * take it, the error event says `outcome: 'rejected'` and why by its `code`:
 * - `REFUSED`: no transition handles the event in its present state (`details` holds `value` and
 *   `enabled`), or it has ended
 * - `ACTOR_NOT_FOUND`, `ACTOR_PARKED`, `ACTOR_STOPPED`: it is not there, cannot be read, or is gone
 * - `STEP_FAILED`: it threw, or the request itself could not be made
 *
 * The message and `details` name the address (`actor`) and the `event` type.
 * @param request makes the address and the event from the invoke's input
 */
export function ask<Input>(request: (input: Input) => AskRequest): AskLogic<Input> {
  const logic = fromPromise<AskReceipt, Input>(() => {
    const message =
      '`ask` reaches other actors through the engine. In a plain createActor, provide a stand-in by `machine.provide({ actors })`.';
    return Promise.reject(new EngineError('BAD_OPTION', message));
  });
  return Object.assign(logic, { [ASK]: request });
}

/** The request maker of a piece of promise logic; null when it is not an `ask`. */
export function askOf(logic: object): ((input: never) => AskRequest) | null {
  return ASK in logic ? (logic as AskLogic<never>)[ASK] : null;
}
