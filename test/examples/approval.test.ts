// `npm run example:approval`: an expense waits for a person, over a restart of the engine.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LIMIT_MINOR } from '../../examples/approval/expense.ts';
import { runApproval } from '../../examples/approval/run.ts';
import { happenings, runCheck, runScript } from './example-command.ts';

const ABOVE = LIMIT_MINOR + 1;

describe('the example of an approval', () => {
  it('pays what was approved after the restart, and says so', async () => {
    const ended = await runScript('example:approval');
    expect(ended.lines[0]).toMatch(/^A person is asked\. The engine stops, and another one opens/);
    const happened = happenings(ended);
    expect(happened.filter((what) => !what.startsWith('→'))).toEqual(['requested', 'approved']);
    expect(happened.at(-1)).toBe('→ completed');
    expect(ended.lines.at(-1)).toBe('The books are equal; the journal agrees with every actor.');
    expect(ended.code).toBe(0);
  });

  it('releases what was rejected, and says why', async () => {
    const ended = await runScript('example:approval', ['--reject']);
    expect(happenings(ended).slice(-3)).toEqual([
      'rejected: the old one prints',
      '→ undoing budget',
      '→ compensated',
    ]);
    expect(ended.code).toBe(0);
  });

  it.each([
    ['approve', ABOVE, { saga: 'completed', paidMinor: ABOVE, engines: 2 }],
    ['reject', ABOVE, { saga: 'compensated', paidMinor: 0, engines: 2 }],
    ['none', ABOVE, { saga: 'compensated', paidMinor: 0, engines: 2 }],
    ['approve', LIMIT_MINOR, { saga: 'completed', paidMinor: LIMIT_MINOR, engines: 2 }],
    // Below the limit nobody is asked, so nobody can refuse.
    ['none', LIMIT_MINOR - 1, { saga: 'completed', paidMinor: LIMIT_MINOR - 1, engines: 1 }],
  ] as const)('ends by the decision %s on %i cents', async (decision, amountMinor, end) => {
    const ended = await runApproval({ amountMinor, decision, db: null }, () => undefined);
    expect(ended).toEqual({ ...end, isWhole: true });
  });

  it('keeps the wait and the decision in one file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sagawright-approval-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const db = join(folder, 'expenses.db');
    await runApproval({ amountMinor: ABOVE, decision: 'approve', db }, () => undefined);
    const file = new Database(db, { readonly: true });
    const facts = file.prepare("SELECT type FROM journal WHERE type LIKE 'approval.%'").pluck();
    expect(facts.all()).toEqual(
      expect.arrayContaining(['approval.requested', 'approval.approve', 'approval.approved']),
    );
    file.close();
  });

  it('says what it cannot do, and ends with 2', async () => {
    const wrong = [
      ['--amount', '0'],
      ['--reject', '--expire'],
      ['--db', 'package.json'],
    ];
    const runs = wrong.map((args) => runScript('example:approval', args));
    for (const { code, errors } of await Promise.all(runs)) {
      expect(code).toBe(2);
      expect(errors).toMatch(/^error: /);
    }
  });

  it('has sagas that are proven', async () => {
    const { code, lines } = await runCheck('examples/approval/expense.ts');
    const found = lines.filter((line) => line.includes('version 1: 0 findings'));
    expect(found).toHaveLength(2);
    expect(code).toBe(0);
  });
});
