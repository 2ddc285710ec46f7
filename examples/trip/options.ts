// The command line of the trip: what is to go wrong.

import { Command } from 'commander';
import { faultOption } from '../fulfilment/fault-option.ts';
import type { Fault } from '../fulfilment/faults.ts';

/** What can go wrong on request. */
export type TripFault = Extract<Fault, 'fail' | 'reject'>;

/** The steps that can go wrong. */
const STEPS = ['flight', 'hotel', 'car', 'itinerary'] as const;

/**
 * Reads the arguments behind `node main.ts`: what goes wrong, by the name of the step.
 * @throws CommanderError for what is no option, once it has said so
 */
export function readOptions(args: readonly string[]): ReadonlyMap<string, TripFault> {
  const faults = new Map<string, TripFault>();
  new Command('npm run example:trip --')
    .exitOverride()
    .description('Books flight, hotel and car side by side: all of them, or none.')
    .addOption(faultOption('reject', 'the agency says no', STEPS, faults))
    .addOption(
      faultOption('fail', 'it takes effect, but the connection breaks in every try', STEPS, faults),
    )
    .allowExcessArguments(false)
    .parse([...args], { from: 'user' });
  return faults;
}
