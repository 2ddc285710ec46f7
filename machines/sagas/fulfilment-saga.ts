// Sagas that fulfil an order, made from plans: the same steps in another order, side by side, or with
// another point of no return. Each machine's states carry the names of the trade, so that its chart
// reads as the plan does. Pure.

import { type SagaMachine, type SagaOptions, saga } from 'sagawright';
import { createFulfilmentCalls } from './fulfilment-calls.ts';
import { FULFILMENT_INPUT, type FulfilmentInput } from './fulfilment-input.ts';
import {
  AUTHORIZE_CAPTURE_PLAN,
  CONFIGURED_PLAN,
  checkPlan,
  type FulfilmentPlan,
  type FulfilmentStep,
  INVENTORY_FIRST_PLAN,
  PARALLEL_PLAN,
  PAYMENT_FIRST_PLAN,
} from './fulfilment-plan.ts';
import {
  type DeclaredStep,
  declareSteps,
  type FulfilmentBuilder,
  type FulfilmentResults,
} from './fulfilment-steps.ts';
import { STEP_POLICY, UNDO_POLICY } from './gateway-effects.ts';

export type FulfilmentSaga = SagaMachine<FulfilmentInput, FulfilmentResults>;

/**
 * The saga of a plan. The order is started first, under the id that the input names; the handlers of its
 * calls are found by the names of `FulfilmentCalls`.
 *
 * Once the saga is in `needsAttention`, the order is told nothing: it is told last, when nothing is held.
 * @throws TypeError for a plan that could not be carried out, or not be undone up to its pivot
 */
export function createFulfilmentSaga(plan: FulfilmentPlan): FulfilmentSaga {
  checkPlan(plan);
  const { calls = STEP_POLICY, compensations = UNDO_POLICY } = plan;
  const steps = declareSteps(plan, createFulfilmentCalls(calls, compensations));
  const { deadline } = plan;
  const builder: FulfilmentBuilder = saga<FulfilmentInput>(plan.id, {
    ...createOptions(plan),
    ...(deadline !== undefined && { deadline }),
    onFailure: plan.onFailure ?? 'compensate',
  });
  return plan.steps
    .reduce<FulfilmentBuilder>((made, entry) => {
      if (typeof entry !== 'string') return addPreparation(made, plan, entry, steps);
      const { run, input, states } = steps[entry];
      if (entry === plan.pivot) return made.pivot(entry, { run, input, ...named(states) });
      const isOptional = plan.optional?.includes(entry) === true;
      return made.step(entry, { ...steps[entry], critical: !isOptional });
    }, builder)
    .build();
}

/** Steps side by side are a saga of their own: it is one step here, undone as a whole. */
function addPreparation(
  builder: FulfilmentBuilder,
  plan: FulfilmentPlan,
  names: readonly FulfilmentStep[],
  steps: Readonly<Record<FulfilmentStep, DeclaredStep>>,
): FulfilmentBuilder {
  const id = `${plan.id}-preparation`;
  const preparation = names
    .reduce<FulfilmentBuilder>(
      (made, name) => made.step(name, { ...steps[name], after: [] }),
      saga<FulfilmentInput>(id, createOptions(plan)),
    )
    .build();
  return builder.step('preparation', {
    run: preparation,
    input: ({ input }) => input,
    states: ['PREPARING', 'PREPARED'],
  });
}

function createOptions(plan: FulfilmentPlan): SagaOptions<FulfilmentInput> {
  return {
    version: plan.version ?? '1',
    input: FULFILMENT_INPUT,
    onCompensationFailure: plan.onCompensationFailure ?? 'continue',
  };
}

function named(states: DeclaredStep['states']): Pick<DeclaredStep, 'states'> {
  return states === undefined ? {} : { states };
}

/** Charge, reserve, confirm. The same with an order that hears of each step is `orderSaga`. */
export const paymentFirstSaga: FulfilmentSaga = createFulfilmentSaga(PAYMENT_FIRST_PLAN);
/** Authorize, reserve, order a parcel; capture (no return), confirm, dispatch, send a receipt. */
export const authorizeCaptureSaga: FulfilmentSaga = createFulfilmentSaga(AUTHORIZE_CAPTURE_PLAN);
/** Reserve, charge, order a parcel, mail; confirm (no return). */
export const inventoryFirstSaga: FulfilmentSaga = createFulfilmentSaga(INVENTORY_FIRST_PLAN);
/** Reserve, charge, order a parcel; confirm (no return): within five minutes, or the order has failed. */
export const configuredSaga: FulfilmentSaga = createFulfilmentSaga(CONFIGURED_PLAN());
/** Charge and reserve side by side, order a parcel; confirm (no return), and follow it to the door. */
export const parallelSaga: FulfilmentSaga = createFulfilmentSaga(PARALLEL_PLAN);
