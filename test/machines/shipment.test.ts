// The shipment aggregate on its own, stepped as the pure function that it is: what it takes in which
// state, and what it says happened.

import {
  type ShipmentCommand,
  type ShipmentFact,
  type ShipmentInput,
  type ShipmentState,
  shipmentMachine,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { createActor, initialTransition, type SnapshotFrom, transition } from 'xstate';
import { coverChart } from '../support/chart-coverage.ts';

type Shipment = SnapshotFrom<typeof shipmentMachine>;

const input: ShipmentInput = { shipmentId: 'shipment-order-1', orderId: 'order-1' };

const label: ShipmentCommand = {
  type: 'shipment.label',
  carrier: 'Royal Mail',
  trackingNumber: 'RM 1',
};
const dispatch: ShipmentCommand = { type: 'shipment.dispatch' };
const deliver: ShipmentCommand = { type: 'shipment.deliver' };
const cancel: ShipmentCommand = { type: 'shipment.cancel', reason: 'order cancelled' };
const commands: readonly ShipmentCommand[] = [label, dispatch, deliver, cancel];

function create(): Shipment {
  return initialTransition(shipmentMachine, input)[0];
}

function tell(...told: readonly ShipmentCommand[]): Shipment {
  return told.reduce((state, command) => transition(shipmentMachine, state, command)[0], create());
}

function factsOf(...told: readonly ShipmentCommand[]): readonly ShipmentFact[] {
  const facts: ShipmentFact[] = [];
  const actor = createActor(shipmentMachine, { input });
  actor.on('*', (fact) => facts.push(fact));
  actor.start();
  for (const command of told) actor.send(command);
  return facts;
}

describe('a shipment', () => {
  const taken: readonly (readonly [ShipmentState, readonly ShipmentCommand[], string])[] = [
    ['CREATED', [], 'label cancel'],
    ['LABELLED', [label], 'dispatch cancel'],
    ['DISPATCHED', [label, dispatch], 'deliver'],
    ['DELIVERED', [label, dispatch, deliver], ''],
    ['CANCELLED', [cancel], ''],
  ];

  it.each(taken)('in %s takes what fits and refuses the rest', (state, told, fitting) => {
    const shipment = tell(...told);
    expect(shipment.value).toBe(state);
    const accepted = commands.filter((each) => shipment.status === 'active' && shipment.can(each));
    expect(accepted.map(({ type }) => type.replace('shipment.', '')).join(' ')).toBe(fitting);
  });

  it('keeps what is on its label, with the day of delivery if the carrier names one', () => {
    expect(tell(label).context.label).toEqual({
      carrier: 'Royal Mail',
      trackingNumber: 'RM 1',
      estimatedDelivery: null,
    });
    const dated: ShipmentCommand = { ...label, estimatedDelivery: '2028-02-29' };
    expect(tell(dated).context.label?.estimatedDelivery).toBe('2028-02-29');
  });

  it.each([
    ['no carrier', { carrier: ' ' }],
    ['no tracking number', { trackingNumber: '' }],
    ['a day that no calendar has', { estimatedDelivery: '2026-02-29' }],
    ['a month that no calendar has', { estimatedDelivery: '2026-13-01' }],
    ['a day in words', { estimatedDelivery: 'tomorrow' }],
  ])('is not labelled with %s', (_, wrong) => {
    expect(create().can({ ...label, ...wrong })).toBe(false);
  });

  it('is not cancelled without a reason', () => {
    expect(create().can({ ...cancel, reason: '' })).toBe(false);
    expect(tell(label).can({ ...cancel, reason: ' ' })).toBe(false);
  });

  it('tells each thing that happened once, with whose it is', () => {
    expect(factsOf(label, label, dispatch, cancel, deliver)).toEqual([
      { ...input, type: 'shipment.created' },
      {
        ...input,
        type: 'shipment.labelled',
        carrier: 'Royal Mail',
        trackingNumber: 'RM 1',
        estimatedDelivery: null,
      },
      { ...input, type: 'shipment.dispatched' },
      { ...input, type: 'shipment.delivered' },
    ]);
    expect(factsOf(cancel).at(-1)).toEqual({
      ...input,
      type: 'shipment.cancelled',
      reason: 'order cancelled',
    });
  });

  it('says at its end how it ended', () => {
    expect(tell(label, dispatch, deliver).output).toEqual({ ...input, outcome: 'DELIVERED' });
    expect(tell(label, cancel).output).toEqual({ ...input, outcome: 'CANCELLED' });
  });

  it.each(['shipmentId', 'orderId'])('is not started without its %s', (field) => {
    const wrong = { ...input, [field]: '' };
    const { error } = createActor(shipmentMachine, { input: wrong }).getSnapshot();
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(`shipment: expected ${field} to be`);
  });
});

describe('the paths of a shipment', () => {
  it('take every transition of the chart', () => {
    const coverage = coverChart(shipmentMachine, { inputs: [input], events: () => commands });
    console.log(coverage.line);
    expect(coverage.missing).toEqual([]);
  });
});
