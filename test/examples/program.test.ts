// The process around an example: the exit code by which a script learns how it ended.

import { CommanderError } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Program, runProgram } from '../../examples/program.ts';

async function exitCodeOf(run: Program): Promise<typeof process.exitCode> {
  const before = process.exitCode;
  onTestFinished(() => {
    process.exitCode = before;
  });
  await runProgram(run);
  return process.exitCode;
}

describe('the program of an example', () => {
  it.each([
    [0, 'the books are equal', () => Promise.resolve({ isWhole: true })],
    [1, 'they differ', () => Promise.resolve({ isWhole: false })],
    [0, 'help was asked for', () => Promise.reject(new CommanderError(0, 'help', 'help'))],
    [2, 'there is no such option', () => Promise.reject(new CommanderError(1, 'bad', 'bad'))],
  ] as const)('ends with %i when %s', async (code, _, run) => {
    expect(await exitCodeOf(run)).toBe(code);
  });

  it('passes a bug on', async () => {
    const bug = new Error('a bug');
    await expect(runProgram(() => Promise.reject(bug))).rejects.toBe(bug);
  });
});
