// What must come of a fulfilment saga's run, worked out from its plan alone: which calls there are, which
// are done before which, how the order ends. And how a run is opened and counted.

import {
  AUTHORIZE_CAPTURE_PLAN,
  CONFIGURED_PLAN,
  createFulfilmentSaga,
  type FulfilmentPlan,
  type FulfilmentStep,
  INVENTORY_FIRST_PLAN,
  PARALLEL_PLAN,
  PAYMENT_FIRST_PLAN,
} from 'sagawright/machines';
import { expect } from 'vitest';
import { FulfilmentWorld } from './fulfilment-world.ts';

export const PLANS: readonly FulfilmentPlan[] = [
  PAYMENT_FIRST_PLAN,
  AUTHORIZE_CAPTURE_PLAN,
  INVENTORY_FIRST_PLAN,
  CONFIGURED_PLAN(),
  PARALLEL_PLAN,
];
const ASKS: ReadonlySet<string> = new Set(['order', 'confirmation', 'completion']);
const MACHINES: ReadonlySet<string> = new Set(['delivery']);
const PAYMENTS: ReadonlySet<string> = new Set(['payment', 'authorization', 'capture']);

const MINUTES_MS = 60_000;
/** Longer than all attempts of a call forward; shorter than the shortest deadline. */
export const FORWARD_MS: number = 2 * MINUTES_MS;
/** Longer than all attempts of a compensation. */
export const BACK_MS: number = 60 * MINUTES_MS;

/** Runs that were opened in this file of tests. */
export const count: { runs: number } = { runs: 0 };

export function namesOf({ steps }: FulfilmentPlan): readonly FulfilmentStep[] {
  return steps.flat();
}
const isCall = (name: string): boolean => !ASKS.has(name) && !MACHINES.has(name);
export function callsOf(plan: FulfilmentPlan): readonly FulfilmentStep[] {
  return namesOf(plan).filter(isCall);
}
export function isOptional({ optional = [] }: FulfilmentPlan, name: FulfilmentStep): boolean {
  return optional.includes(name);
}
export function isAhead(plan: FulfilmentPlan, name: FulfilmentStep): boolean {
  return namesOf(plan).indexOf(name) < namesOf(plan).indexOf(plan.pivot);
}

/** Calls that end before this step starts. */
export function callsBefore(plan: FulfilmentPlan, name: FulfilmentStep): readonly FulfilmentStep[] {
  const at = plan.steps.findIndex((entry) => entry === name || entry.includes(name));
  return plan.steps.slice(0, at).flat().filter(isCall);
}

export function groupOf(plan: FulfilmentPlan, name: FulfilmentStep): readonly FulfilmentStep[] {
  return (
    (plan.steps.find((entry) => typeof entry !== 'string' && entry.includes(name)) as
      | readonly FulfilmentStep[]
      | undefined) ?? []
  );
}

export function open(plan: FulfilmentPlan): FulfilmentWorld {
  count.runs += 1;
  return new FulfilmentWorld(createFulfilmentSaga(plan));
}

/** Lets the parcel arrive if it is waited for. */
export async function arrive(world: FulfilmentWorld, plan: FulfilmentPlan): Promise<void> {
  if (!namesOf(plan).includes('delivery')) return;
  expect(await world.send({ type: 'delivery.arrived' }, 'saga-1/delivery')).toBe('accepted');
  await world.advance(FORWARD_MS);
}

/** The state of an order that was fulfilled as far as the plan goes. */
export function fulfilled(plan: FulfilmentPlan): string {
  if (namesOf(plan).includes('completion')) return 'DELIVERED';
  return namesOf(plan).includes('dispatch') ? 'SHIPPED' : 'CONFIRMED';
}

/** The state of an order whose saga has turned back because of this step. */
export function ended({ orderEnd }: FulfilmentPlan, step: string): string {
  if (orderEnd === 'fail') return 'FAILED';
  return PAYMENTS.has(step) ? 'PAYMENT_FAILED' : 'CANCELLED';
}

/** Undoing goes back by the same way; side by side, in any order. */
export function expectUndone(world: FulfilmentWorld, plan: FulfilmentPlan): void {
  const rank = (name: string): number =>
    plan.steps.findIndex((entry) => entry === name || entry.includes(name as FulfilmentStep));
  const ranks = world.ledger.givenBack.map(rank);
  expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
}
