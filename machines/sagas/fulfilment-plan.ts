// How an order is fulfilled, as plain data: which steps in which order, what runs side by side, where
// the point of no return is, what may fail, how long and how often calls are tried. A plan that could
// not be carried out or undone is refused here. Never makes a machine.

import type { Duration } from 'sagawright';
import { inWords } from '../identifiers.ts';
import type { CallPolicy } from './fulfilment-calls.ts';
import { STEP_POLICY, UNDO_POLICY } from './gateway-effects.ts';

/** What a step needs before it, and whether it can be undone or left out. */
interface StepRule {
  /** Steps before it; of a list in a list, one is enough. */
  readonly needs: readonly (FulfilmentStep | readonly FulfilmentStep[])[];
  readonly isUndoable: boolean;
  /** Whether the order can do without. */
  readonly isDispensable: boolean;
}

export type FulfilmentStep =
  | 'order'
  | 'payment'
  | 'authorization'
  | 'inventory'
  | 'shipment'
  | 'confirmationMail'
  | 'capture'
  | 'confirmation'
  | 'dispatch'
  | 'receipt'
  | 'shippingNotice'
  | 'delivery'
  | 'completion'
  | 'deliveryNotice';

const undoable = (...needs: StepRule['needs']): StepRule => ({
  needs: ['order', ...needs],
  isUndoable: true,
  isDispensable: false,
});
const binding = (...needs: StepRule['needs']): StepRule => ({
  needs: ['order', ...needs],
  isUndoable: false,
  isDispensable: false,
});
const notice = (...needs: StepRule['needs']): StepRule => ({
  needs: ['order', ...needs],
  isUndoable: false,
  isDispensable: true,
});

/** The whole vocabulary. */
const STEP_RULES: Readonly<Record<FulfilmentStep, StepRule>> = {
  /** The order is being processed; undone, it is cancelled or failed. */
  order: { needs: [], isUndoable: true, isDispensable: false },
  /** The card is charged. */
  payment: undoable(),
  /** The amount is set aside on the card, to be captured later. */
  authorization: undoable(),
  inventory: undoable(),
  shipment: undoable(),
  /** Made up for by a cancellation mail. */
  confirmationMail: { ...undoable(), isDispensable: true },
  capture: binding('authorization'),
  /** The order is told that it is confirmed: paid, or authorized, and reserved. */
  confirmation: binding(['payment', 'authorization'], 'inventory'),
  dispatch: binding('shipment', 'confirmation', ['payment', 'capture']),
  receipt: notice(['payment', 'capture']),
  shippingNotice: notice('dispatch'),
  /** Waits for news from the carrier. */
  delivery: binding('dispatch'),
  /** The order is told that it was delivered. */
  completion: binding('delivery'),
  deliveryNotice: notice('delivery'),
};

export interface FulfilmentPlan {
  /** The machine's id: letters, digits, _ and -. */
  readonly id: string;
  /** Default '1'. */
  readonly version?: string;
  /** In order. Those of an inner list run side by side, as a saga of their own: `preparation`. */
  readonly steps: readonly (FulfilmentStep | readonly FulfilmentStep[])[];
  /** The step of no return: before it everything can be undone, behind it nothing is. */
  readonly pivot: FulfilmentStep;
  /** Steps whose failure does not matter to the others: mails. Default: none. */
  readonly optional?: readonly FulfilmentStep[];
  /** After this time the saga turns back, unless it is past its pivot. Default: none. */
  readonly deadline?: Duration;
  /** What a failed step leads to before the pivot. Default `compensate`. */
  readonly onFailure?: 'compensate' | 'hold';
  /** What a failed undo means for the others; the order is told last in any case. Default `continue`. */
  readonly onCompensationFailure?: 'continue' | 'halt';
  /** How an order ends that was not fulfilled; one that was cancelled is cancelled. Default `cancel`. */
  readonly orderEnd?: 'cancel' | 'fail';
  /** Each try of a call, and how many. Default `STEP_POLICY`. */
  readonly calls?: CallPolicy;
  /** The same for compensations. Default `UNDO_POLICY`. */
  readonly compensations?: CallPolicy;
  /** From when on a parcel that has not arrived is overdue. Default two weeks. */
  readonly overdueAfterMs?: number;
}

/** Charge, reserve, confirm: what `orderSaga` does by hand. */
export const PAYMENT_FIRST_PLAN: FulfilmentPlan = {
  id: 'payment-first',
  steps: ['order', 'payment', 'inventory', 'confirmation'],
  pivot: 'confirmation',
};

/** Money is only set aside at first; its capture is the point of no return. */
export const AUTHORIZE_CAPTURE_PLAN: FulfilmentPlan = {
  id: 'authorize-capture',
  steps: [
    'order',
    'authorization',
    'inventory',
    'shipment',
    'capture',
    'confirmation',
    'dispatch',
    'receipt',
  ],
  pivot: 'capture',
  optional: ['receipt'],
};

/** Goods first, and the customer hears of it before it is final. */
export const INVENTORY_FIRST_PLAN: FulfilmentPlan = {
  id: 'inventory-first',
  steps: ['order', 'inventory', 'payment', 'shipment', 'confirmationMail', 'confirmation'],
  pivot: 'confirmation',
};

/** Payment and inventory side by side; followed until the parcel has arrived. */
export const PARALLEL_PLAN: FulfilmentPlan = {
  id: 'parallel',
  steps: [
    'order',
    ['payment', 'inventory'],
    'shipment',
    'confirmation',
    'dispatch',
    'shippingNotice',
    'delivery',
    'completion',
    'deliveryNotice',
  ],
  pivot: 'confirmation',
  optional: ['shippingNotice', 'deliveryNotice'],
};

/** What operators set; all in milliseconds. */
export interface FulfilmentConfiguration {
  /** Of the whole saga up to its confirmation. Default 5 minutes. */
  readonly timeoutMs?: number;
  /** All tries of a call, the first included. Default 3. */
  readonly retryAttempts?: number;
  /** Between two tries. Default 5 s. */
  readonly retryDelayMs?: number;
  /** Of one try of a compensation. Default 1 minute. */
  readonly compensationTimeoutMs?: number;
}

/** A plan with times of its own. An order that it cannot fulfil has failed. */
export function CONFIGURED_PLAN(configuration: FulfilmentConfiguration = {}): FulfilmentPlan {
  const {
    timeoutMs = 300_000,
    retryAttempts = 3,
    retryDelayMs = 5_000,
    compensationTimeoutMs = 60_000,
  } = configuration;
  const wait = { initial: retryDelayMs, backoff: 'constant', jitter: false } as const;
  return {
    id: 'configured',
    steps: ['order', 'inventory', 'payment', 'shipment', 'confirmation'],
    pivot: 'confirmation',
    orderEnd: 'fail',
    deadline: timeoutMs,
    calls: { ...STEP_POLICY, retry: { ...wait, attempts: retryAttempts, max: retryDelayMs } },
    compensations: { ...UNDO_POLICY, timeout: compensationTimeoutMs },
  };
}

/**
 * Passes a plan that can be carried out, and undone up to its pivot.
 * @throws TypeError saying what the plan lacks
 */
export function checkPlan(plan: FulfilmentPlan): void {
  const refuse = (expected: string, got: unknown): never => {
    throw new TypeError(`fulfilment plan "${plan.id}": expected ${expected}, got ${inWords(got)}.`);
  };
  const names = plan.steps.flat();
  for (const [index, name] of names.entries()) {
    if (!Object.hasOwn(STEP_RULES, name)) {
      refuse(`a step to be one of ${Object.keys(STEP_RULES).join(', ')}`, name);
    }
    if (names.indexOf(name) !== index) refuse('each step once', name);
  }
  if (plan.steps[0] !== 'order') refuse('the step order first', plan.steps[0]);
  if (!names.includes('confirmation')) refuse('the step confirmation', names);
  if (names.includes('payment') && names.includes('authorization')) {
    refuse('payment or authorization, not both', names);
  }
  if (names.includes('authorization') && !names.includes('capture')) {
    refuse('capture, as there is an authorization', names);
  }
  checkNeeds(plan, refuse);
  checkWayBack(plan, names, refuse);
}

type Refuse = (expected: string, got: unknown) => never;

function checkNeeds({ steps }: FulfilmentPlan, refuse: Refuse): void {
  const before = new Set<string>();
  for (const entry of steps) {
    const side = typeof entry === 'string' ? [entry] : entry;
    for (const name of side) {
      for (const need of STEP_RULES[name].needs) {
        const choices = typeof need === 'string' ? [need] : need;
        if (choices.some((choice) => before.has(choice))) continue;
        refuse(`${choices.join(' or ')} before ${name}`, steps);
      }
    }
    for (const name of side) before.add(name);
  }
}

function checkWayBack(
  { steps, pivot, optional = [] }: FulfilmentPlan,
  names: readonly FulfilmentStep[],
  refuse: Refuse,
): void {
  const groups = steps.filter((entry) => typeof entry !== 'string');
  if (groups.length > 1) refuse('one list of steps that run side by side at most', groups);
  for (const group of groups) {
    if (group.length < 2) refuse('two or more steps side by side', group);
    if (group.includes(pivot)) refuse('the pivot to run alone', group);
  }
  for (const name of optional) {
    if (!names.includes(name)) refuse('optional steps that the plan has', name);
    if (!STEP_RULES[name].isDispensable) refuse('only mails to be optional', name);
  }
  const at = names.indexOf(pivot);
  if (at < 0) refuse('the pivot to be one of its steps', pivot);
  const { isUndoable, isDispensable } = STEP_RULES[pivot];
  if (isUndoable || isDispensable) refuse('a pivot that binds and cannot be undone', pivot);
  for (const [index, name] of names.entries()) {
    const { isUndoable: hasWayBack } = STEP_RULES[name];
    if (index > at && hasWayBack) refuse(`${name} before the pivot, where it can be undone`, steps);
    if (index < at && !hasWayBack && !optional.includes(name)) {
      refuse(`${name} behind the pivot, as it cannot be undone`, steps);
    }
  }
}
