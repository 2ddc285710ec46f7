// Charts that this package makes or brings: users have actors in flight of them. One that changes under
// its version is MACHINE_DRIFT for all of them, so a change here needs a new version and a migration, or,
// for what the saga builder makes, a very good reason and a line in the changelog.

import { effect, type SagaBuilder, saga } from 'sagawright';
import * as machines from 'sagawright/machines';
import { expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { hostMachine, isMachine } from '../../src/step/classify.ts';
import { fingerprintOf } from '../../src/step/fingerprint.ts';

const call = effect<null, null>({ name: 'call' });
const undo = effect<object, null>({ name: 'undo' });
const input = (): null => null;
const step = { run: call, compensate: undo, input } as const;

function begin(id: string, options = {}): SagaBuilder<null, Readonly<Record<never, never>>> {
  return saga<null>(id, options);
}

/** One saga for each kind of chart that the builder makes. */
const built: Readonly<Record<string, AnyStateMachine>> = {
  'built: sequence': begin('sequence').step('a', step).step('b', step).build(),
  'built: graph': begin('graph')
    .step('a', { ...step, after: [] })
    .step('b', { ...step, after: [] })
    .step('c', { ...step, after: ['a', 'b'] })
    .build(),
  'built: pivot': begin('pivot', { deadline: '1m', onFailure: 'hold' })
    .step('a', step)
    .pivot('b', { run: call, input })
    .step('c', { run: call, input, critical: false })
    .build(),
  'built: nested': begin('nested', { onCompensationFailure: 'halt' })
    .step('below', { run: begin('below').step('a', step).build(), input })
    .step('last', { ...step, undoneLast: true })
    .build(),
};

const brought: [string, AnyStateMachine][] = Object.entries(machines).flatMap(([name, value]) =>
  typeof value === 'object' && value !== null && isMachine(value) ? [[name, value]] : [],
);

/** Version and fingerprint, by name. */
const PINNED: Readonly<Record<string, string>> = {
  'built: sequence': '1 1:EEVU4h5Eg7xfTBTV1CTa2N',
  'built: graph': '1 1:NBJSeXUNpsXRMDd7IEHFgO',
  'built: pivot': '1 1:JpAMMFXjJA2JLbYOv5OLLG',
  'built: nested': '1 1:JzH6Q0Lr0tvEmrKS2NVCcc',
  accountMachine: '1 1:AchA5ludPZjDf7b1MZ-F8T',
  approvalMachine: '1 1:qdqHccpkxl1aonvUYh68e2',
  cartMachine: '1 1:1eHeXeQHVgkyjAqgoFiL9M',
  deliveryMachine: '1 1:x4uyMk1Olzgxag6zVyjy5x',
  notificationMachine: '1 1:GJuHZS0NwEtov4SqQE9eOV',
  orderMachine: '1 1:WQS4V9HqVA09hQcnBqrElN',
  paymentMachine: '1 1:t1ALnOf98tp2bOOiJrgYQQ',
  cancellationSaga: '1 1:rEU242YbXmQ9YUFeY2JbKK',
  authorizeCaptureSaga: '1 1:8wd9_fZrSSTQx7iE2XScMo',
  configuredSaga: '1 1:pYGayVr0nC8DV32aP7wZSX',
  inventoryFirstSaga: '1 1:LwiuKl3RG6Ki2u9VVF8Qew',
  parallelSaga: '1 1:0yVSUen9nrwHsWetFjQ6nl',
  paymentFirstSaga: '1 1:yFmAtUwDRcSxxXZobyRq_1',
  orderSaga: '1 1:I6HOGSQ6e71MALO6AppIQ-',
  refundSaga: '1 1:f_TtzYqyM7ynPHeZW1md3g',
  returnSaga: '1 1:rW1WAZJW-ikK5d9BXva2pK',
  shipmentMachine: '1 1:5dRzLzNUihVK75dRJ3ecaw',
  stockMachine: '1 1:a8oDg2gkQlHlVW0kUeXiMS',
};

it.each([...Object.entries(built), ...brought])('%s is the chart that it was', (name, machine) => {
  const { version = '1' } = machine;
  expect(`${version} ${fingerprintOf(hostMachine(machine, null))}`).toBe(PINNED[name]);
});

it('leaves no pinned chart out', () => {
  const names = [...Object.keys(built), ...brought.map(([name]) => name)];
  expect(Object.keys(PINNED).sort()).toEqual(names.sort());
});
