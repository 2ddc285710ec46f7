// `npm run example:trip`: whatever goes wrong, the bookings that stand are all of them or none.

import { describe, expect, it } from 'vitest';
import type { Fault } from '../../examples/fulfilment/faults.ts';
import { runTrip } from '../../examples/trip/run.ts';
import { runCheck, runScript } from './example-command.ts';

const PARTS = ['flight', 'hotel', 'car'] as const;
const FAULTS: readonly Fault[] = ['reject', 'fail', 'timeout'];

const run = (...faults: readonly (readonly [string, Fault])[]) =>
  runTrip(new Map(faults), () => undefined);

describe('the example of a trip', () => {
  it('books all three and says so', async () => {
    const { code, lines } = await runScript('example:trip');
    expect(lines.slice(0, 3).sort()).toEqual([
      expect.stringMatching(/^book car Lisbon, 4 days: C-\d+$/),
      expect.stringMatching(/^book flight Oslo to Lisbon on 2027-05-14: F-\d+$/),
      expect.stringMatching(/^book hotel Lisbon, 3 nights: H-\d+$/),
    ]);
    expect(lines[3]).toMatch(/^send itinerary F-\d+, H-\d+, C-\d+: sent$/);
    expect(lines).toContain('The trip is completed.');
    expect(lines.at(-1)).toBe('The books are equal; the journal agrees with every actor.');
    expect(code).toBe(0);
  });

  it('cancels the others when one is refused, and says so', async () => {
    const { code, lines } = await runScript('example:trip', ['--reject', 'hotel']);
    expect(lines.filter((line) => line.startsWith('cancel')).sort()).toEqual([
      'cancel car: cancelled',
      'cancel flight: cancelled',
    ]);
    expect(lines).toContain('The trip is compensated, because of hotel (HOTEL_REFUSED).');
    expect(code).toBe(0);
  });

  it.each(PARTS)('keeps no booking when %s goes wrong, however it does', async (part) => {
    for (const fault of FAULTS) {
      const { status, bookings, isWhole } = await run([part, fault]);
      expect({ fault, status, isWhole }).toEqual({ fault, status: 'compensated', isWhole: true });
      expect(bookings.map(({ status }) => status)).not.toContain('booked');
      // What was definitely refused is not there; what was lost is, and is cancelled like the others.
      expect(bookings).toHaveLength(fault === 'reject' ? 2 : 3);
    }
  });

  it('keeps no booking when two go wrong at one time', async () => {
    const { status, bookings, isWhole } = await run(['flight', 'fail'], ['car', 'reject']);
    expect({ status, isWhole }).toEqual({ status: 'compensated', isWhole: true });
    expect(bookings.map(({ status }) => status)).not.toContain('booked');
  });

  it.each(FAULTS)('keeps all bookings without an itinerary: %s', async (fault) => {
    const { status, bookings, isWhole } = await run(['itinerary', fault]);
    expect({ status, isWhole }).toEqual({ status: 'completed', isWhole: true });
    expect(bookings.map(({ status }) => status)).toEqual(['booked', 'booked', 'booked']);
  });

  it('says what it does not know, and ends with 2', async () => {
    const runs = [['--reject', 'train'], ['--fast'], ['flight']].map((args) =>
      runScript('example:trip', args),
    );
    for (const { code, errors } of await Promise.all(runs)) {
      expect(code).toBe(2);
      expect(errors).toMatch(/^error: /);
    }
  });

  it('has a saga that is proven', async () => {
    const { code, lines } = await runCheck('examples/trip/trip.ts');
    expect(lines[0]).toMatch(/^trip version 1: 0 findings/);
    expect(code).toBe(0);
  });
});
