// A report as people, scripts and code scanning read it.

import { checkSaga, EngineError, effect, formatFindings, saga, sagaMeta } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { createMachine, fromPromise } from 'xstate';

const call = effect<object, null>();
const step = { run: call, input: () => ({}) };
const sound = checkSaga(saga<object>('email').step('send', step).build());
const broken = checkSaga(
  createMachine({
    id: 'order',
    initial: 'paying',
    states: {
      paying: {
        meta: sagaMeta({ step: 'payment', role: 'run' }),
        invoke: { src: fromPromise(() => Promise.resolve()), onDone: 'ended', onError: 'ended' },
      },
      ended: { type: 'final', meta: sagaMeta({ end: 'compensated' }) },
    },
  }),
);

describe('a report', () => {
  it('reads as text, with the way to each finding', () => {
    expect(formatFindings(broken)).toBe(
      [
        'order version 1: 1 finding (4 states, 3 transitions)',
        '',
        'MISSING_COMPENSATION in ended, payment',
        '  "payment" is done and is not undone when the saga ends in "compensated". Give it a compensating state, or say compensation: \'none\' in its mark.',
        '    1. payment is done',
      ].join('\n'),
    );
  });

  it('says how a sound saga ends', () => {
    expect(formatFindings(sound, 'text')).toMatch(
      /^email version 1: 0 findings \(\d+ states, \d+ transitions\)\n {2}ends in \w+ after \d events?\n/,
    );
  });

  it('is JSON with all that the report holds', () => {
    expect(JSON.parse(formatFindings(broken, 'json'))).toEqual(broken);
  });

  it('is SARIF with a rule, a place and a code flow of each finding', () => {
    const log: unknown = JSON.parse(formatFindings(broken, 'sarif'));
    expect(log).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'sagawright' } },
          results: [
            {
              ruleId: 'MISSING_COMPENSATION',
              level: 'error',
              locations: [{ logicalLocations: [{ fullyQualifiedName: 'order.ended' }] }],
              codeFlows: [
                {
                  threadFlows: [
                    { locations: [{ location: { message: { text: 'payment is done' } } }] },
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
    const { rules } = (log as { runs: { tool: { driver: { rules: { id: string }[] } } }[] }).runs[0]
      ?.tool.driver ?? { rules: [] };
    expect(rules.map(({ id }) => id)).toContain('MISSING_COMPENSATION');
  });

  it('is refused in another format, and so are other options of the check', () => {
    expect(() => formatFindings(sound, 'xml' as never)).toThrow(EngineError);
    const machine = saga<object>('email').step('send', step).build();
    expect(() => checkSaga(machine, { maxState: 3 } as never)).toThrow(/misspelt/);
    expect(() => checkSaga(machine, { maxStates: 0 })).toThrow(EngineError);
    expect(() => checkSaga({} as never)).toThrow(EngineError);
  });
});
