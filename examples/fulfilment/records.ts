// How the shop keeps its own books: what a call has done is told to the order, the payment, the stocks
// it concerns, in one commit under the call's own key. A crash in between runs the call again under the
// same key: the service answers as before, and what is on record is not recorded twice.

import { type Engine, Rejected, type Transaction } from 'sagawright';
import type {
  NotificationCommand,
  OrderCommand,
  PaymentCommand,
  ShipmentCommand,
  StockCommand,
} from 'sagawright/machines';

/** Something to tell an actor of the shop. */
export interface Told {
  readonly to: string;
  readonly event:
    | NotificationCommand
    | OrderCommand
    | PaymentCommand
    | ShipmentCommand
    | StockCommand;
  /** True: whoever has it already, or has ended, may refuse it. */
  readonly isOptional?: boolean;
}

/** The engine, once it is open: handlers are there before it. */
export type OpenEngine = Promise<Engine>;

/**
 * Tells all of them in one commit, or none. Under one key it happens once.
 * @throws Error if one that must take it refuses: never Rejected, as what is recorded here was done
 */
export async function record(
  engine: OpenEngine,
  key: string,
  told: readonly Told[],
): Promise<void> {
  const actors = told.map(({ to }) => to);
  await (await engine).transact((transaction) => tellAll(transaction, told), { key, actors });
}

export function tellAll(transaction: Transaction, told: readonly Told[]): void {
  for (const { to, event, isOptional = false } of told) {
    const receipt = transaction.send(to, event);
    if (receipt.status === 'accepted' || isOptional) continue;
    throw new Error(`${to} does not take ${event.type} in ${JSON.stringify(receipt.value)}`);
  }
}

interface CalledOff {
  readonly status: 'called off';
}

/**
 * Does something once under a key, unless it was called off before it came.
 * @param actors those that it touches
 * @throws Rejected `CALLED_OFF`
 */
export async function recordUnlessCalledOff<Result>(
  engine: OpenEngine,
  key: string,
  actors: readonly string[],
  act: (transaction: Transaction) => Result,
): Promise<Result> {
  const result = await (await engine).transact<Result | CalledOff>(act, { key, actors });
  if (isCalledOff(result)) throw new Rejected('CALLED_OFF');
  return result;
}

/**
 * Calls off what is done under a key: true if it has not been done, and now never will be. The key's
 * result is taken, so that a late comer finds it and does nothing.
 */
export async function callOff(engine: OpenEngine, key: string): Promise<boolean> {
  return isCalledOff(
    await (await engine).transact<unknown>(() => ({ status: 'called off' }), { key }),
  );
}

function isCalledOff(result: unknown): result is CalledOff {
  return (
    typeof result === 'object' &&
    result !== null &&
    'status' in result &&
    result.status === 'called off'
  );
}
