// Defects planted one by one into a sound saga: the check finds each of them, and tells the shortest way
// there.

import { checkSaga, sagaMeta } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign } from 'xstate';
import { chart, invoke, type Part, planted, sound, told } from './sound-chart.ts';

describe('a chart with a planted defect', () => {
  it('is sound before', () => {
    const report = checkSaga(chart(sound));
    expect(report.findings).toEqual([]);
    expect(report.paths).toContainEqual({
      end: 'resolved',
      state: 'resolved',
      path: [
        'payment may have happened, nobody knows',
        'the undo of payment is rejected',
        'RESOLVE',
      ],
    });
  });

  it('forgets a compensation', () => {
    const report = checkSaga(planted('releasing', invoke('release', 'compensated', 'stuck')));
    expect(told(report)).toEqual([
      [
        'MISSING_COMPENSATION',
        'compensated',
        'payment',
        ['payment is done', 'inventory is rejected', 'the undo of inventory is done'],
      ],
      [
        'COMPENSATED_WITH_FAILURE',
        'compensated',
        'payment',
        [
          'payment may have happened, nobody knows',
          'the undo of payment is rejected',
          'RETRY',
          'the undo of inventory is done',
        ],
      ],
    ]);
  });

  it('takes a charge of which nothing is known for one that was not made', () => {
    const report = checkSaga(planted('paying', invoke('charge', 'reserving', 'compensated')));
    expect(told(report)).toEqual([
      [
        'MISSING_COMPENSATION',
        'compensated',
        'payment',
        ['payment may have happened, nobody knows'],
      ],
    ]);
  });

  it('ends without saying how while it holds something', () => {
    const report = checkSaga(planted('compensated', { meta: {} }));
    expect(report.ok).toBe(true);
    const silent = checkSaga(planted('completed', { meta: {} }));
    const path = ['payment is done', 'inventory is done', 'capture is done'];
    expect(told(silent)).toEqual(
      ['payment', 'inventory', 'capture'].map((step) => [
        'MISSING_COMPENSATION',
        'completed',
        step,
        path,
      ]),
    );
  });

  it('compensates past the pivot', () => {
    const report = checkSaga(planted('capturing', invoke('capture', 'completed', 'releasing')));
    const doubt = [
      'payment is done',
      'inventory is done',
      'capture may have happened, nobody knows',
    ];
    expect(told(report)).toEqual([
      ['COMPENSATION_AFTER_PIVOT', 'releasing', 'inventory', doubt],
      [
        'COMPENSATION_AFTER_PIVOT',
        'refunding',
        'payment',
        [...doubt, 'the undo of inventory is done'],
      ],
      [
        'MISSING_COMPENSATION',
        'compensated',
        'capture',
        [...doubt, 'the undo of inventory is done', 'the undo of payment is done'],
      ],
      ['UNREACHABLE_STATE', 'doubtful', null, []],
    ]);
  });

  it('stops a pivot that is under way', () => {
    const report = checkSaga(planted('capturing', { on: { CANCEL: 'releasing' } }));
    expect(told(report)).toContainEqual([
      'COMPENSATION_AFTER_PIVOT',
      'releasing',
      'inventory',
      ['payment is done', 'inventory is done', 'CANCEL'],
    ]);
  });

  it('has a state without exit', () => {
    const report = checkSaga(planted('stuck', { on: {} }));
    expect(told(report)).toEqual([
      [
        'NO_EXIT',
        'stuck',
        null,
        ['payment may have happened, nobody knows', 'the undo of payment is rejected'],
      ],
    ]);
  });

  it('goes round for ever', () => {
    const report = checkSaga(planted('stuck', { on: { RETRY: 'stuck', LOOK: {} } }));
    expect(told(report)).toEqual([
      [
        'NO_END',
        'stuck',
        null,
        ['payment may have happened, nobody knows', 'the undo of payment is rejected'],
      ],
    ]);
  });

  it('has an invoke without an error path', () => {
    const report = checkSaga(planted('reserving', invoke('reserve', 'capturing', undefined)));
    expect(told(report)).toEqual([
      ['NO_ERROR_PATH', 'reserving', 'inventory', ['payment is done', 'inventory is rejected']],
    ]);
  });

  it('has an error path that does not always apply', () => {
    const onError = { guard: 'isRejected', target: 'releasing' };
    const report = checkSaga(planted('reserving', invoke('reserve', 'capturing', onError)));
    expect(told(report)).toEqual([
      [
        'NO_ERROR_PATH',
        'reserving',
        'inventory',
        ['payment is done', 'inventory may have happened, nobody knows'],
      ],
    ]);
  });

  it('has an undo that no path comes to', () => {
    const { paying, reserving, capturing, stuck, ...others } = sound;
    const report = checkSaga(
      chart({
        ...others,
        paying: { ...paying },
        reserving: { ...reserving, ...invoke('reserve', 'capturing', 'refunding'), on: {} },
        capturing: { ...capturing, ...invoke('capture', 'completed', 'doubtful') },
        stuck: { on: { ...stuck, RETRY: 'refunding', RESOLVE: 'resolved' } },
      }),
    );
    expect(told(report)).toEqual([
      [
        'UNDO_ORDER',
        'refunding',
        'payment',
        ['payment is done', 'inventory may have happened, nobody knows'],
      ],
      [
        'MISSING_COMPENSATION',
        'compensated',
        'inventory',
        [
          'payment is done',
          'inventory may have happened, nobody knows',
          'the undo of payment is done',
        ],
      ],
      ['UNREACHABLE_STATE', 'releasing', null, []],
    ]);
  });

  it('undoes in the wrong order', () => {
    const report = checkSaga(
      chart({
        ...sound,
        reserving: {
          ...sound['reserving'],
          ...invoke('reserve', 'capturing', 'refunding'),
          on: {},
        },
        capturing: {
          ...sound['capturing'],
          ...invoke('capture', 'completed', [
            { guard: 'isRejected', target: 'refunding' },
            { target: 'doubtful' },
          ]),
        },
        refunding: { ...sound['refunding'], ...invoke('refund', 'releasing', 'stuck') },
        releasing: { ...sound['releasing'], ...invoke('release', 'compensated', 'stuck') },
        stuck: { on: { RETRY: 'refunding', RESOLVE: 'resolved' } },
      }),
    );
    expect(told(report)).toEqual([
      [
        'UNDO_ORDER',
        'refunding',
        'payment',
        ['payment is done', 'inventory may have happened, nobody knows'],
      ],
    ]);
  });

  it('ends as compensated although an undo failed', () => {
    const report = checkSaga(planted('refunding', invoke('refund', 'compensated', 'compensated')));
    expect(told(report)).toEqual([
      [
        'COMPENSATED_WITH_FAILURE',
        'compensated',
        'payment',
        ['payment may have happened, nobody knows', 'the undo of payment is rejected'],
      ],
    ]);
  });

  it('says resolved without anybody having said so', () => {
    const report = checkSaga(planted('stuck', { on: {}, after: { 1000: 'resolved' } }));
    expect(told(report)).toEqual([
      [
        'MISSING_COMPENSATION',
        'resolved',
        'payment',
        [
          'payment may have happened, nobody knows',
          'the undo of payment is rejected',
          'the delay 1000 of stuck is over',
        ],
      ],
      [
        'MISSING_COMPENSATION',
        'resolved',
        'inventory',
        [
          'payment is done',
          'inventory may have happened, nobody knows',
          'the undo of inventory is rejected',
          'the delay 1000 of stuck is over',
        ],
      ],
    ]);
  });

  it('runs a call again under another key while the first may have happened', () => {
    const { invoke: keyless } = invoke('capture', 'completed', 'doubtful') as {
      readonly invoke: Part;
    };
    const report = checkSaga(
      planted('capturing', { invoke: { ...keyless, input: null, onError: 'doubtful' } }),
    );
    expect(told(report)).toEqual([
      [
        'RUN_TWICE',
        'capturing',
        'capture',
        [
          'payment is done',
          'inventory is done',
          'capture may have happened, nobody knows',
          'RETRY',
        ],
      ],
    ]);
  });

  it('throws at a sample', () => {
    const guard = (): never => {
      throw new TypeError('no such thing');
    };
    const report = checkSaga(planted('reserving', { always: { guard } }));
    expect(report.findings[0]).toMatchObject({
      code: 'THROWS',
      state: 'paying',
      path: ['payment is done'],
    });
    expect(report.findings[0]?.message).toContain('no such thing');
  });

  it('throws at its start', () => {
    const context = (): never => {
      throw new TypeError('no amount');
    };
    expect(checkSaga(chart(sound, { context })).findings[0]).toMatchObject({
      code: 'THROWS',
      state: 'order',
      path: ['start'],
    });
  });

  it('counts further than numbers are told apart', () => {
    const tries = ({ context }: { readonly context: { readonly tries: number } }) => context.tries;
    const again = {
      guard: (args: Parameters<typeof tries>[0]) => tries(args) < 4,
      target: 'refunding',
      reenter: true,
      actions: assign({ tries: (args: Parameters<typeof tries>[0]) => tries(args) + 1 } as never),
    };
    const round = { target: 'releasing', reenter: true };
    const { refunding, ...others } = sound;
    const machine = chart(
      {
        ...others,
        refunding: { ...refunding, ...invoke('refund', 'compensated', [again, 'stuck']) },
        releasing: { ...sound['releasing'], ...invoke('release', 'refunding', round) },
      },
      { context: { tries: 0 } },
    );
    expect(told(checkSaga(machine))).toEqual([]);
    expect(told(checkSaga(machine, { counterBound: 2 }))).toEqual([
      ['UNREACHABLE_STATE', 'stuck', null, []],
    ]);
  });

  it('has no marks, or marks that mean nothing', () => {
    const bare = Object.entries(sound).map(([name, state]) => [name, { ...state, meta: {} }]);
    const unmarked = checkSaga(chart(Object.fromEntries(bare)));
    expect(told(unmarked)).toEqual([['BAD_MARK', 'order', null, []]]);
    const misspelt = planted('refunding', {
      meta: sagaMeta({ step: 'payments', role: 'compensate' }),
    });
    expect(told(checkSaga(misspelt))).toContainEqual(['BAD_MARK', 'refunding', 'payments', []]);
    const idle = planted('doubtful', { meta: sagaMeta({ step: 'capture', role: 'pivot' }) });
    expect(told(checkSaga(idle))).toEqual([['BAD_MARK', 'doubtful', 'capture', []]]);
  });

  it('has more states than are looked at', () => {
    const report = checkSaga(chart(sound), { maxStates: 5 });
    expect(report.ok).toBe(false);
    expect(report.findings).toMatchObject([{ code: 'TOO_MANY_STATES' }]);
  });
});
