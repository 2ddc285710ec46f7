// The shipment of one order as an aggregate: created, labelled, dispatched, delivered, each once. It
// can be cancelled until it leaves the house. It talks to no carrier; a saga's calls do, and are
// recorded here. Pure.

import { assign, emit, setup, type UnknownActorLogic } from 'xstate';
import { isText } from '../identifiers.ts';
import type { WrittenMachine } from '../machine-type.ts';
import {
  createShipment,
  isCalendarDay,
  type ShipmentCommand,
  type ShipmentContext,
  type ShipmentFact,
  type ShipmentInput,
  type ShipmentLabel,
  type ShipmentOutput,
} from './shipment-contract.ts';

/** The states of a shipment, in the words of the trade. */
export type ShipmentState = 'CREATED' | 'LABELLED' | 'DISPATCHED' | 'DELIVERED' | 'CANCELLED';

export type ShipmentMachine = WrittenMachine<{
  context: ShipmentContext;
  event: ShipmentCommand;
  actors: Record<string, UnknownActorLogic>;
  delay: never;
  state: ShipmentState;
  input: ShipmentInput;
  output: ShipmentOutput;
  emitted: ShipmentFact;
}>;

type Told<Type extends ShipmentCommand['type']> = {
  readonly event: Extract<ShipmentCommand, { readonly type: Type }>;
};

function ofShipment({ shipmentId, orderId }: ShipmentContext): ShipmentInput {
  return { shipmentId, orderId };
}

const shipmentSetup = setup({
  types: {} as {
    context: ShipmentContext;
    events: ShipmentCommand;
    input: ShipmentInput;
    output: ShipmentOutput;
    emitted: ShipmentFact;
  },
  guards: {
    isLabel: (_, { carrier, trackingNumber, estimatedDelivery }: ShipmentLabel) =>
      isText(carrier) &&
      isText(trackingNumber) &&
      (estimatedDelivery === null || isCalendarDay(estimatedDelivery)),
    saysWhy: (_, { reason }: { reason: string }) => isText(reason),
  },
  actions: {
    noteLabel: assign({ label: (_, label: ShipmentLabel) => label }),
    noteReason: assign({ reason: (_, { reason }: { reason: string }) => reason }),
    tellLabelled: emit(({ context }, label: ShipmentLabel) => ({
      type: 'shipment.labelled' as const,
      ...ofShipment(context),
      ...label,
    })),
    tellCancelled: emit(({ context }, { reason }: { reason: string }) => ({
      type: 'shipment.cancelled' as const,
      ...ofShipment(context),
      reason,
    })),
  },
});

const asLabel = ({ event }: Told<'shipment.label'>): ShipmentLabel => ({
  carrier: event.carrier,
  trackingNumber: event.trackingNumber,
  estimatedDelivery: event.estimatedDelivery ?? null,
});

/** `shipment.cancel`, until it is dispatched. */
const cancelling = {
  guard: { type: 'saysWhy', params: ({ event }: Told<'shipment.cancel'>) => event },
  target: 'CANCELLED',
  actions: [
    { type: 'noteReason', params: ({ event }: Told<'shipment.cancel'>) => event },
    { type: 'tellCancelled', params: ({ event }: Told<'shipment.cancel'>) => event },
  ],
} as const;

/** The shipment aggregate, started under `shipment-<orderId>`. */
export const shipmentMachine: ShipmentMachine = shipmentSetup.createMachine({
  id: 'shipment',
  version: '1',
  context: ({ input }) => createShipment(input),
  initial: 'CREATED',
  states: {
    CREATED: {
      entry: emit(({ context }) => ({ type: 'shipment.created', ...ofShipment(context) })),
      on: {
        'shipment.label': {
          guard: { type: 'isLabel', params: asLabel },
          target: 'LABELLED',
          actions: [
            { type: 'noteLabel', params: asLabel },
            { type: 'tellLabelled', params: asLabel },
          ],
        },
        'shipment.cancel': cancelling,
      },
    },
    LABELLED: { on: { 'shipment.dispatch': 'DISPATCHED', 'shipment.cancel': cancelling } },
    DISPATCHED: {
      entry: emit(({ context }) => ({ type: 'shipment.dispatched', ...ofShipment(context) })),
      on: { 'shipment.deliver': 'DELIVERED' },
    },
    DELIVERED: {
      type: 'final',
      entry: emit(({ context }) => ({ type: 'shipment.delivered', ...ofShipment(context) })),
    },
    CANCELLED: { type: 'final' },
  },
  output: ({ context }) => ({
    ...ofShipment(context),
    outcome: context.reason === null ? 'DELIVERED' : 'CANCELLED',
  }),
});
