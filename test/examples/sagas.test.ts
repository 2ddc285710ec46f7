// The small sagas of examples/sagas/ print what they do: each line of it is held here.

import { checkSaga } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { run as attention, order as attentionSaga } from '../../examples/sagas/attention.ts';
import { run as cancelled, order as cancelledSaga } from '../../examples/sagas/cancelled.ts';
import { run as deadline, order as deadlineSaga } from '../../examples/sagas/deadline.ts';
import { run as graph, order as graphSaga } from '../../examples/sagas/graph.ts';
import { run as held, order as heldSaga } from '../../examples/sagas/held.ts';
import { delivery, run as nested, purchase } from '../../examples/sagas/nested.ts';
import {
  run as optionalStep,
  order as optionalStepSaga,
} from '../../examples/sagas/optional-step.ts';
import { run as pivot, order as pivotSaga } from '../../examples/sagas/pivot.ts';
import { run as sequence, order as sequenceSaga } from '../../examples/sagas/sequence.ts';
import { type Print, samples } from '../../examples/sagas/shop.ts';

async function printed(run: (print: Print) => Promise<void>): Promise<readonly string[]> {
  const lines: string[] = [];
  await run((line) => lines.push(line));
  return lines;
}

describe('an example of a saga prints', () => {
  it('sequence: steps in order, and their undos the other way round', async () => {
    expect(await printed(sequence)).toEqual([
      'shipping works:',
      '  charge under o:payment/1: {"chargeId":"c-1"}',
      '  reserve under o:inventory/1: "shelf of tea"',
      '  ship under o:shipping/1: "parcel 7"',
      '  completed {"payment":{"chargeId":"c-1"},"inventory":"shelf of tea","shipping":"parcel 7"}',
      'shipping declines:',
      '  charge under o:payment/1: {"chargeId":"c-1"}',
      '  reserve under o:inventory/1: "shelf of tea"',
      '  ship under o:shipping/1: declined',
      '  release under o:inventory/1/undo/1: "released"',
      '  refund under o:payment/1/undo/1: "refunded"',
      '  compensated {} DECLINED',
    ]);
  });

  it('graph: that a branch is waited for, then undone', async () => {
    expect(await printed(graph)).toEqual([
      '  charge under o:payment/1: {"chargeId":"c-1"}',
      '  reserve under o:inventory/1: declined',
      '  refund under o:payment/1/undo/1: "refunded"',
      '  compensated because of inventory',
    ]);
  });

  it('pivot: that there is no way back past it', async () => {
    expect(await printed(pivot)).toEqual([
      '  reserve under o:inventory/1: "shelf of tea"',
      '  charge under o:payment/1: {"chargeId":"c-1"}',
      '  ship under o:shipping/1: The depot is closed.',
      '  ship under o:shipping/1: The depot is closed.',
      '  needsAttention; CANCEL is rejected',
      '  ship under o:shipping/1: "parcel 7"',
      '  completed',
    ]);
  });

  it('optional-step: that a failed one is noted only', async () => {
    expect(await printed(optionalStep)).toEqual([
      '  charge under o:payment/1: {"chargeId":"c-1"}',
      '  email under o:receipt/1: the connection broke',
      '  email under o:receipt/1: the connection broke',
      '  completed, ignored: receipt FAILED',
    ]);
  });

  it('cancelled: that a stopped call is undone by its key', async () => {
    expect(await printed(cancelled)).toEqual([
      '  charge under o:payment/1: no answer',
      '  refund under o:payment/1/undo/1: "nothing to refund"',
      '  compensated: changed my mind',
    ]);
  });

  it('deadline: that what was done by then is undone', async () => {
    expect(await printed(deadline)).toEqual([
      '  charge under o:payment/1: {"chargeId":"c-1"}',
      '  reserve under o:inventory/1: no answer',
      '  release under o:inventory/1/undo/1: "released"',
      '  refund under o:payment/1/undo/1: "refunded"',
      '  compensated: DEADLINE',
    ]);
  });

  it('held: that another input comes under another key', async () => {
    expect(await printed(held)).toEqual([
      '  charge under o:payment/1: NOT_COVERED',
      '  held: NOT_COVERED',
      '  charge under o:payment/2: {"chargeId":"c-1"}',
      '  completed {"payment":{"chargeId":"c-1"}}',
    ]);
  });

  it('attention: that a failed undo is never called compensated', async () => {
    expect(await printed(attention)).toEqual([
      '  charge under o:payment/1: {"chargeId":"c-1"}',
      '  ship under o:shipping/1: declined',
      '  refund under o:payment/1/undo/1: the connection broke',
      '  refund under o:payment/1/undo/1: the connection broke',
      '  needsAttention; RESOLVE unsigned is rejected',
      '  resolved by accounts: refunded by hand',
    ]);
  });

  it('nested: that the saga below is undone as a whole', async () => {
    expect(await printed(nested)).toEqual([
      '  charge under d/purchase:payment/1: {"chargeId":"c-1"}',
      '  reserve under d/purchase:inventory/1: "shelf of tea"',
      '  ship under d:shipping/1: declined',
      '  release under d/purchase.compensate:1.1/inventory/1/undo/1: "released"',
      '  refund under d/purchase.compensate:1.1/payment/1/undo/1: "refunded"',
      '  compensated',
    ]);
  });
});

describe('the saga of each example', () => {
  it.each([
    ['attention', attentionSaga],
    ['cancelled', cancelledSaga],
    ['deadline', deadlineSaga],
    ['graph', graphSaga],
    ['held', heldSaga],
    ['nested, above', delivery],
    ['nested, below', purchase],
    ['optional step', optionalStepSaga],
    ['pivot', pivotSaga],
    ['sequence', sequenceSaga],
  ])('undoes what was or may have been done on every path: %s', (_name, machine) => {
    const report = checkSaga(machine, samples);
    expect(report.findings).toEqual([]);
    expect(report.paths.map(({ end }) => end)).toContain('compensated');
  });
});
