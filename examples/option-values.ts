// What the options of the examples may hold, as commander's argument parsers. All throw
// InvalidArgumentError, which commander tells beside the option's name.

import { existsSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';

export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected an integer from ${min} to ${max}`);
  };
}

export function fileName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('expected the name of a file');
  return text;
}

/** For what begins anew: a second order under the same name would be neither the first nor another. */
export function newFileName(text: string): string {
  if (existsSync(fileName(text))) {
    throw new InvalidArgumentError('expected a file that is not there yet');
  }
  return text;
}
