// What must come of an order when its calls go wrong, told by rule: from where a step stands to the point
// of no return, and how it went wrong. Knows nothing of how sagas or the examples are made.

import type { Fault } from '../../examples/fulfilment/faults.ts';

/** One of the examples, as its document describes it. */
export interface Story {
  readonly name: string;
  /** Calls that can be undone, in the order in which they are made. */
  readonly undoable: readonly string[];
  /** A call that binds: the point of no return. Null: the order is told only, and nothing can go wrong. */
  readonly pivot: string | null;
  /** Calls behind it that must be made. */
  readonly forward: readonly string[];
  /** Calls that the order can do without. */
  readonly mails: readonly string[];
  /** Where an order ends that is fulfilled. */
  readonly fulfilled: string;
  /** Where it ends otherwise, by the step and how it failed. */
  readonly unfulfilled: (step: string, fault: Fault) => string;
}

const PAYMENTS: readonly string[] = ['payment', 'authorization', 'capture'];
const byPayment = (step: string): string =>
  PAYMENTS.includes(step) ? 'PAYMENT_FAILED' : 'CANCELLED';

export const STORIES: readonly Story[] = [
  {
    name: 'payment-first',
    undoable: ['payment', 'inventory'],
    pivot: null,
    forward: [],
    mails: [],
    fulfilled: 'CONFIRMED',
    // Only a definite no of the bank is a failed payment.
    unfulfilled: (step, fault) => (fault === 'reject' ? byPayment(step) : 'CANCELLED'),
  },
  {
    name: 'authorize-capture',
    undoable: ['authorization', 'inventory', 'shipment'],
    pivot: 'capture',
    forward: ['dispatch'],
    mails: ['receipt'],
    fulfilled: 'SHIPPED',
    unfulfilled: byPayment,
  },
  {
    name: 'inventory-first',
    undoable: ['inventory', 'payment', 'shipment', 'confirmationMail'],
    pivot: null,
    forward: [],
    mails: [],
    fulfilled: 'CONFIRMED',
    unfulfilled: byPayment,
  },
  {
    name: 'configured',
    undoable: ['inventory', 'payment', 'shipment'],
    pivot: null,
    forward: [],
    mails: [],
    fulfilled: 'CONFIRMED',
    unfulfilled: () => 'FAILED',
  },
  {
    name: 'parallel',
    undoable: ['payment', 'inventory', 'shipment'],
    pivot: null,
    forward: ['dispatch'],
    mails: ['shippingNotice', 'deliveryNotice'],
    fulfilled: 'DELIVERED',
    // What fails side by side is known above as the preparation.
    unfulfilled: () => 'CANCELLED',
  },
];

export interface Trouble {
  /** `payment`, or `payment.undo`. */
  readonly step: string;
  readonly fault: Fault;
}

/** How a run must end. */
export interface End {
  readonly saga: 'completed' | 'compensated' | 'needsAttention';
  /** Null: under way, as people are waited for. */
  readonly order: string | null;
}

const FAULTS: readonly Fault[] = ['reject', 'fail', 'timeout', 'cancel'];
const LASTING: readonly Fault[] = ['reject', 'fail', 'timeout'];

/** Every step with every fault; and every undo with every fault, of a step in doubt or of one that was done. */
export function createTroubles(story: Story): readonly (readonly Trouble[])[] {
  const { undoable, pivot, forward, mails } = story;
  const steps = [...undoable, ...(pivot === null ? [] : [pivot]), ...forward, ...mails];
  const undos = undoable.map((step) => `${step}.undo`);
  const alone = [...steps, ...undos].flatMap((step) => FAULTS.map((fault) => [{ step, fault }]));
  const last = undoable.at(-1) ?? '';
  const inDoubt = undoable.flatMap((step) =>
    (['reject', 'fail'] as const).flatMap((how) =>
      FAULTS.map((fault) => [
        { step, fault: how },
        { step: `${step}.undo`, fault },
      ]),
    ),
  );
  const done = undoable.slice(0, -1).flatMap((step) =>
    (['reject', 'cancel'] as const).flatMap((how) =>
      LASTING.map((fault) => [
        { step: last, fault: how },
        { step: `${step}.undo`, fault },
      ]),
    ),
  );
  return [[], ...alone, ...inDoubt, ...done];
}

/** How the order must end, by rule. */
export function foretell(story: Story, troubles: readonly Trouble[], isRetried: boolean): End {
  const fulfilled: End = { saga: 'completed', order: story.fulfilled };
  const waiting: End = { saga: 'needsAttention', order: null };
  const [first, undo] = troubles;
  // A compensation that is not needed cannot fail, and mails do not matter.
  if (first === undefined || first.step.endsWith('.undo')) return fulfilled;
  if (story.mails.includes(first.step)) return fulfilled;
  const { step, fault } = first;
  if (!story.undoable.includes(step)) {
    // Past the point of no return the customer is too late, and the saga goes forward, by people if it must.
    if (fault === 'cancel') return fulfilled;
    const isRefusedPivot = step === story.pivot && fault === 'reject';
    if (!isRefusedPivot) return isRetried ? fulfilled : waiting;
  }
  const order = fault === 'cancel' ? 'CANCELLED' : story.unfulfilled(step, fault);
  const undone: End = { saga: 'compensated', order };
  // While all is undone, a customer who cancels changes nothing.
  if (undo === undefined || undo.fault === 'cancel') return undone;
  // A definite no has done nothing: there is nothing to undo.
  const isUndoMade = fault !== 'reject' || undo.step !== `${step}.undo`;
  return isUndoMade && !isRetried ? waiting : undone;
}
