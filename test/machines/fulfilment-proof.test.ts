// The sagas of the commerce domain are proven by the checker, without a bound of faults, and their charts
// walked: every state and every transition that can be taken at all.

import { checkSaga, formatFindings } from 'sagawright';
import {
  authorizeCaptureSaga,
  cancellationSaga,
  configuredSaga,
  inventoryFirstSaga,
  parallelSaga,
  paymentFirstSaga,
  returnSaga,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { coverSaga } from './fulfilment-coverage.ts';
import { cancellationInput, fulfilmentInput, returnInput } from './fulfilment-world.ts';

const money = { amountMinor: 13_912, currency: 'GBP' };
const authorization = { authorizationId: 'hold-1', authorizationKey: 'k', ...money };
const shipment = { carrier: 'post', trackingNumber: 'track-1', estimatedDelivery: null };
const ends = ['completed', 'compensated'].map((status) => ({
  status,
  failure: null,
  resolution: null,
}));
const outputs = {
  authorizePayment: [authorization],
  createShipment: [shipment],
  delivery: ends,
  inspection: ends,
};

const preparation = parallelSaga.implementations.actors['preparation'] as unknown;

/** Parts of charts that nothing can lead to, by saga, each with its reason. */
const forward = 'its first step is the pivot: there is never anything to stop or to undo';
const UNREACHABLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  parallel: {
    'fulfilling.IN_TRANSIT --CANCEL--> (stays)': 'it is behind the pivot',
    'fulfilling.IN_TRANSIT --saga.deadline--> (stays)': 'it is behind the pivot',
    'fulfilling.IN_TRANSIT --xstate.done.actor.delivery[1]--> deciding': 'it is behind the pivot',
  },
  'parallel-preparation': {
    'fulfilling.payment.waiting --always[0]--> fulfilling.payment.PAYMENT_COMPLETED':
      'its regions are entered once, as it never holds',
    'fulfilling.inventory.waiting --always[0]--> fulfilling.inventory.INVENTORY_RESERVED':
      'its regions are entered once, as it never holds',
    'deciding --always[0]--> needsAttention': 'it has no pivot',
  },
  cancellation: {
    'cancellation --effect.late--> (stays)': forward,
    'fulfilling --CANCEL--> stopping': forward,
    'fulfilling --saga.deadline--> stopping': forward,
    'deciding --always[2]--> stopping': forward,
    'stopping --xstate.after.stopWait.cancellation.stopping--> compensating': forward,
    'needsAttention --RETRY[4]--> compensating': forward,
    'needsAttention --effect.late--> compensating': forward,
    'settling --effect.late--> compensating': forward,
    'settling --xstate.after.settleWait.cancellation.settling--> compensated': forward,
  },
  return: {
    'settling --xstate.after.settleWait.return.settling[0]--> resolved':
      'when its request was stopped, there was no inspection that people could settle',
  },
};

const SAGAS: readonly (readonly [string, AnyStateMachine, object])[] = [
  ['payment-first', paymentFirstSaga, fulfilmentInput],
  ['authorize-capture', authorizeCaptureSaga, fulfilmentInput],
  ['inventory-first', inventoryFirstSaga, fulfilmentInput],
  ['configured', configuredSaga, fulfilmentInput],
  ['parallel', parallelSaga, fulfilmentInput],
  ['parallel-preparation', preparation as AnyStateMachine, fulfilmentInput],
  ['cancellation', cancellationSaga, cancellationInput],
  ['return', returnSaga, returnInput],
];

describe.each(SAGAS)('the saga %s', (id, machine, input) => {
  it('is proven whatever goes wrong', { timeout: 60_000 }, () => {
    const undoneFromAbove = id === 'parallel-preparation';
    const report = checkSaga(machine, { inputs: [input], outputs, undoneFromAbove });
    console.log(formatFindings(report).split('\n')[0]);
    expect(report.findings).toEqual([]);
    expect(report.paths.map(({ end }) => end).toSorted()).toEqual([
      'compensated',
      'completed',
      'resolved',
    ]);
  });

  it('is walked in all states and transitions', { timeout: 60_000 }, () => {
    const coverage = coverSaga(machine, input, { authorization, shipment }, UNREACHABLE[id] ?? {});
    console.log(coverage.line);
    expect(coverage.missing).toEqual([]);
  });
});
