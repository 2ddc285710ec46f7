// Which statecharts are drawn for the documents, and their pictures by file name. draw-charts.ts writes
// them into docs/charts/, a test holds what is there to them. Writes nothing itself.

import { describeChart, toSagaSvg, toSvg } from 'sagawright/graph';
import {
  accountMachine,
  approvalMachine,
  authorizeCaptureSaga,
  cancellationSaga,
  cartMachine,
  configuredSaga,
  deliveryMachine,
  inventoryFirstSaga,
  notificationMachine,
  orderMachine,
  orderSaga,
  parallelSaga,
  paymentFirstSaga,
  paymentMachine,
  refundSaga,
  returnSaga,
  shipmentMachine,
  stockMachine,
} from 'sagawright/machines';
import type { AnyStateMachine } from 'xstate';

/** One row for each machine; of a saga its steps are drawn as well. */
const drawn: readonly { readonly machine: AnyStateMachine; readonly isSaga?: true }[] = [
  { machine: orderMachine },
  { machine: orderSaga, isSaga: true },
  { machine: refundSaga },
  { machine: accountMachine },
  { machine: approvalMachine },
  { machine: authorizeCaptureSaga, isSaga: true },
  { machine: cancellationSaga, isSaga: true },
  { machine: cartMachine },
  { machine: configuredSaga, isSaga: true },
  { machine: deliveryMachine },
  { machine: inventoryFirstSaga, isSaga: true },
  { machine: notificationMachine },
  { machine: parallelSaga, isSaga: true },
  // What runs side by side in it is a saga of its own.
  { machine: parallelSaga.implementations.actors['preparation'] as AnyStateMachine, isSaga: true },
  { machine: paymentFirstSaga, isSaga: true },
  { machine: paymentMachine },
  { machine: returnSaga, isSaga: true },
  { machine: shipmentMachine },
  { machine: stockMachine },
];

/** Every picture of docs/charts/, by its file's name. */
export async function drawPictures(): Promise<ReadonlyMap<string, string>> {
  const pictures = new Map<string, string>();
  for (const { machine, isSaga } of drawn) {
    pictures.set(`${machine.id}.svg`, await toSvg(describeChart(machine)));
    if (isSaga) pictures.set(`${machine.id}-steps.svg`, toSagaSvg(machine));
  }
  return pictures;
}
