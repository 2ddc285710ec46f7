// The command line of the trip: what is to go wrong.

import { Command, Option } from 'commander';
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
  const program = new Command('npm run example:trip --');
  const option = (fault: TripFault, description: string): Option =>
    new Option(`--${fault} <step>`, description).choices(STEPS).argParser((step) => {
      if (!STEPS.some((name) => name === step)) {
        program.error(`error: expected --${fault} with one of ${STEPS.join(', ')}, got ${step}`);
      }
      faults.set(step, fault);
      return step;
    });
  program
    .exitOverride()
    .description('Books flight, hotel and car side by side: all of them, or none.')
    .addOption(option('reject', 'the agency says no'))
    .addOption(option('fail', 'it takes effect, but the connection breaks in every try'))
    .allowExcessArguments(false)
    .parse([...args], { from: 'user' });
  return faults;
}
