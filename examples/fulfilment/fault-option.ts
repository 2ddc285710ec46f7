// An option by which a step is made to go wrong, as often as wanted: `--reject payment --fail shipment`.

import { InvalidArgumentError, Option } from 'commander';
import type { Fault } from './faults.ts';

/** What it reads goes into `faults`, by the name of the step. */
export function faultOption<Chosen extends Fault>(
  fault: Chosen,
  description: string,
  steps: readonly string[],
  faults: Map<string, Chosen>,
): Option {
  return new Option(`--${fault} <step>`, description).choices(steps).argParser((step) => {
    if (!steps.includes(step)) {
      throw new InvalidArgumentError(`expected one of ${steps.join(', ')}`);
    }
    faults.set(step, fault);
    return step;
  });
}
