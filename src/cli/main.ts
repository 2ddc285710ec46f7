#!/usr/bin/env node
// The command `sagawright`: hands its arguments to one of its commands.

import process from 'node:process';
import { check, type ExitCode, type Output } from './check-command.ts';

const COMMANDS: Readonly<
  Record<string, (args: readonly string[], output: Output) => Promise<ExitCode>>
> = { check };

const USAGE = `Usage: sagawright <command> [options]

  check <file>   proves the sagas that a module exports

sagawright <command> --help says more.`;

const output: Output = {
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
};

const [name, ...args] = process.argv.slice(2);
const command = name === undefined ? undefined : COMMANDS[name];
if (command !== undefined) process.exitCode = await command(args, output);
else if (name === '--help' || name === '-h') output.print(USAGE);
else {
  output.complain(name === undefined ? USAGE : `There is no command "${name}".\n\n${USAGE}`);
  process.exitCode = 2;
}
