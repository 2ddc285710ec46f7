// Order of ids, states of parallel regions, and the wait between attempts: the small rules that
// both stores or all calls share.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../src/errors.ts';
import { whileBusy } from '../../../store/busy.ts';
import { IN_STATE_SQL, isInState } from '../../../store/state-path.ts';
import { compareText } from '../../../store/text-order.ts';
import { databasePaths, raw } from './store-files.ts';

const nextPath = databasePaths('ordering');

describe('the order of ids', () => {
  it('is that of their UTF-8 bytes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 4 });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
        expect(Math.sign(compareText(left, right))).toBe(bytes);
      }),
    );
    expect(compareText('\uffff', '😀')).toBeLessThan(0);
  });
});

describe('a state path', () => {
  it.each([
    ['pay', 'pay', true],
    ['pay.card', 'pay', true],
    ['pay.card', 'pay.card', true],
    ['pay', 'pay.card', false],
    ['payment', 'pay', false],
    ['prepay', 'pay', false],
    ['a pay.card b', 'pay', true],
    ['a.pay', 'pay', false],
    ['', 'pay', false],
  ])('of %j is in %j: %s', (stored, wanted, expected) => {
    expect(isInState(stored, wanted)).toBe(expected);
  });

  it('means the same in SQL', () => {
    const db = raw(nextPath());
    const match = db.prepare(`SELECT ${IN_STATE_SQL} FROM (SELECT ? AS state)`).pluck();
    const path = fc.stringMatching(/^[ab]{1,2}(\.[ab]{1,2}){0,2}$/);
    fc.assert(
      fc.property(fc.array(path, { maxLength: 3 }), path, (leaves, wanted) => {
        const stored = leaves.join(' ');
        expect(match.get(wanted, wanted, stored)).toBe(isInState(stored, wanted) ? 1 : 0);
      }),
    );
    db.close();
  });
});

describe('the wait for another program', () => {
  const busy = new EngineError('STORE_BUSY', 'busy');

  it('pauses longer and longer, up to its limit in all', async () => {
    const waits: number[] = [];
    const patience = {
      busyWaitMs: 200,
      wait: (ms: number): Promise<unknown> => Promise.resolve(waits.push(ms)),
    };
    const repeated: boolean[] = [];
    await expect(
      whileBusy(patience, (again) => {
        repeated.push(again);
        throw busy;
      }),
    ).rejects.toBe(busy);
    expect(waits).toEqual([1, 2, 5, 10, 15, 20, 25, 50, 50, 22]);
    expect(repeated).toEqual([false, ...waits.map(() => true)]);
  });

  it('does not repeat anything else', async () => {
    let attempts = 0;
    const patience = { busyWaitMs: 200, wait: (): Promise<unknown> => Promise.resolve() };
    const failed = new EngineError('STORE_FAILED', 'failed');
    await expect(
      whileBusy(patience, () => {
        attempts += 1;
        throw failed;
      }),
    ).rejects.toBe(failed);
    expect(attempts).toBe(1);
  });
});
