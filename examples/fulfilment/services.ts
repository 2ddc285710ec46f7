// Who works for the shop, and the calls that are made of them: what handlers are written against.
// Calls nobody.

import type { EffectLogic, HandlerOf } from 'sagawright';
import type {
  FulfilmentCalls,
  OrderCommand,
  PaidRefund,
  RefundInput,
  RestockedItems,
  RestockRequest,
} from 'sagawright/machines';
import type { AnyStateMachine } from 'xstate';
import type { Bank } from './bank.ts';
import type { Carrier } from './carrier.ts';
import type { Faults } from './faults.ts';
import type { Post } from './post.ts';
import type { OpenEngine, Told } from './records.ts';

/** Who works for the shop, and what is to go wrong. */
export interface Services {
  readonly bank: Bank;
  readonly carrier: Carrier;
  readonly post: Post;
  readonly faults: Faults;
  readonly engine: OpenEngine;
  /** Whether the handlers tell the order of each step; a saga written by hand may do so itself. */
  readonly tellsOrder: boolean;
}

/** What the order hears of a step, unless it has it from the saga. One that is ended hears nothing. */
export function toOrder(
  { tellsOrder }: Services,
  orderId: string,
  event: OrderCommand,
): readonly Told[] {
  return tellsOrder ? [{ to: orderId, event, isOptional: true }] : [];
}

/** Every call of the commerce sagas. */
export type ShopCalls = FulfilmentCalls & {
  readonly refundPayment: EffectLogic<RefundInput, PaidRefund>;
  readonly restockItems: EffectLogic<RestockRequest, RestockedItems>;
};

export type ShopHandlers = { readonly [Name in keyof ShopCalls]: HandlerOf<ShopCalls[Name]> };

/** The names of the calls that a saga and those below it make. */
export function callsOf(saga: AnyStateMachine): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, logic] of Object.entries(saga.implementations.actors)) {
    if (isMachine(logic)) for (const below of callsOf(logic)) names.add(below);
    else names.add(name);
  }
  return names;
}

function isMachine(logic: unknown): logic is AnyStateMachine {
  return typeof logic === 'object' && logic !== null && 'implementations' in logic;
}
