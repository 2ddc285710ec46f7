// The edges of the order run that need no engine: its command line, its progress line, and the plan
// of its crashes.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKillPlan } from '../../examples/orders/kill-plan.ts';
import { readOptions, UsageEnd } from '../../examples/orders/options.ts';
import { createProgress } from '../../examples/orders/progress.ts';

describe('the command line', () => {
  let errors = '';
  beforeEach(() => {
    errors = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      errors += String(text);
      return true;
    });
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterEach(() => vi.restoreAllMocks());

  function endOf(...argv: string[]): unknown {
    try {
      return readOptions(argv);
    } catch (error) {
      return error instanceof UsageEnd ? error.exitCode : error;
    }
  }

  it('needs nothing, and then runs the real orders', () => {
    expect(readOptions([])).toEqual({
      db: 'orders.db',
      gatewayDb: 'gateway.db',
      file: expect.stringMatching(/online-retail-2010-12\.csv$/),
      seed: 1,
      concurrency: 50,
      saga: 'payment-first',
      crash: false,
    });
  });

  it('gives a crash run files of its own, unless they are named', () => {
    expect(readOptions(['--crash'])).toMatchObject({
      db: 'orders-crash.db',
      gatewayDb: 'gateway-crash.db',
      crash: true,
    });
    expect(readOptions(['--crash', '--db', 'mine.db'])).toMatchObject({
      db: 'mine.db',
      gatewayDb: 'gateway-crash.db',
    });
  });

  it('gives a run of another saga files of its own', () => {
    expect(readOptions(['--saga', 'inventory-first', '--crash'])).toMatchObject({
      db: 'orders-inventory-first-crash.db',
      gatewayDb: 'gateway-inventory-first-crash.db',
      saga: 'inventory-first',
    });
  });

  it.each([
    [['--saga', 'mail-first'], 'Allowed choices are payment-first, inventory-first'],
    [['--concurrency', '0'], 'expected an integer from 1 to 10000'],
    [['--seed', '1.5'], 'expected an integer'],
    [['--db', ''], 'expected the name of a file'],
    [['--db', 'x.db', '--gateway-db', './x.db'], 'to name two files, got one'],
    [['--unknown'], "unknown option '--unknown'"],
    [['now'], 'too many arguments'],
  ])('refuses %j in one line, with exit code 2', (argv, message) => {
    expect(endOf(...argv)).toBe(2);
    expect(errors).toContain(message);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });

  it('ends well when it was asked for help only', () => {
    expect(endOf('--help')).toBe(0);
  });
});

describe('the progress', () => {
  function show(isTTY: boolean): { readonly text: string } {
    let timeMs = 0;
    const shown = { text: '' };
    const stream = {
      isTTY,
      write: (text: string): void => {
        shown.text += text;
      },
    };
    const progress = createProgress(stream, 40, () => timeMs);
    for (let done = 11; done <= 40; done += 1) {
      timeMs += 50;
      progress.update(done, 10);
      if (done === 20) progress.note('killed');
    }
    progress.end();
    return shown;
  }

  it('is a line for every tenth where nobody watches', () => {
    const lines = show(false).text.split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe('11 of 40 orders done (27 %), 20 sagas/s');
    expect(lines[2]).toBe('16 of 40 orders done (40 %), 20 sagas/s');
    expect(lines).toContain('killed');
    expect(lines.at(-2)).toBe('40 of 40 orders done (100 %), 20 sagas/s');
  });

  it('is one rewritten line on a terminal, notes staying above it', () => {
    const { text } = show(true);
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toContain('\r\u001B[2Kkilled\n20 of 40');
    expect(text.endsWith('40 of 40 orders done (100 %), 20 sagas/s\n')).toBe(true);
  });
});

describe('the plan of the crashes', () => {
  it('is the same for the same seed and another one for another', () => {
    expect(createKillPlan(7, 5, 424)).toEqual(createKillPlan(7, 5, 424));
    expect(createKillPlan(7, 5, 424)).not.toEqual(createKillPlan(8, 5, 424));
  });

  it('has every kill in the middle of the work, earliest first', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const moments = createKillPlan(seed, 5, 424).map(({ afterDone }) => afterDone);
      expect(moments).toEqual([...moments].sort((a, b) => a - b));
      expect(moments[0]).toBeGreaterThan(0);
      expect(moments.at(-1)).toBeLessThan(424);
    }
  });
});
