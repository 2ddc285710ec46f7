// `npm run example:return`: a delivered order comes back, or does not, as the inspection says.

import { describe, expect, it } from 'vitest';
import { runReturn } from '../../examples/return/run.ts';
import { happenings, runCheck, runScript } from './example-command.ts';

describe('the example of a return', () => {
  it('gives the money back and puts the goods on the shelf, and says so', async () => {
    const ended = await runScript('example:return');
    const happened = happenings(ended);
    const at = ['return requested', 'approved', 'refunded', 'returned: 2', 'returned', 'sent'].map(
      (what) => happened.findIndex((line) => line === what || line.startsWith(`${what}:`)),
    );
    expect(at).not.toContain(-1);
    expect(at).toEqual([...at].sort((one, other) => one - other));
    expect(ended.lines).toContain('The return is completed.');
    expect(ended.lines.find((line) => line.startsWith('The order went'))).toMatch(
      /→ DELIVERED → RETURN_REQUESTED → RETURNED\.$/,
    );
    expect(ended.lines.find((line) => line.startsWith('cents kept'))).toMatch(/ 0 +0 {2}equal$/);
    expect(ended.lines.at(-1)).toBe('The books are equal; the journal agrees with every actor.');
    expect(ended.code).toBe(0);
  });

  it('leaves the order delivered and paid when the inspection rejects it', async () => {
    const ended = await runScript('example:return', ['--reject']);
    const happened = happenings(ended).join('\n');
    expect(happened).toContain('rejected: it was worn\n→ undoing request\nreturn rejected: ');
    expect(happened).not.toContain('refund');
    expect(ended.lines.find((line) => line.startsWith('cents kept'))).toMatch(/10,997 +10,997/);
    expect(ended.code).toBe(0);
  });

  it.each([
    ['approve', { saga: 'completed', order: 'RETURNED', isWhole: true }],
    ['reject', { saga: 'compensated', order: 'DELIVERED', isWhole: true }],
    ['none', { saga: 'compensated', order: 'DELIVERED', isWhole: true }],
  ] as const)('ends by the decision %s', async (inspection, end) => {
    expect(await runReturn({ inspection, db: null }, () => undefined)).toEqual(end);
  });

  it('says what it cannot do, and ends with 2', async () => {
    const runs = [['--reject', '--expire'], ['--fast'], ['--db', 'package.json']].map((args) =>
      runScript('example:return', args),
    );
    for (const { code, errors } of await Promise.all(runs)) {
      expect(code).toBe(2);
      expect(errors).toMatch(/^error: /);
    }
  });

  it('has a saga that is proven', async () => {
    const { code, lines } = await runCheck('examples/return/return.ts');
    expect(lines[0]).toMatch(/^return version 1: 0 findings/);
    expect(code).toBe(0);
  });
});
