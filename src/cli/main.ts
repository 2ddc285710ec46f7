#!/usr/bin/env node
// The program `sagawright`: this process's arguments and terminal, handed to the command line. Ctrl-C
// ends what goes on for long; a second one ends the process.

import { runCommandLine } from './command-line.ts';
import { processTerminal } from './terminal.ts';

const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort());
// Whoever read along, such as `head`, has enough: there is nobody left to tell anything.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  ending.abort();
});

process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal(ending.signal));
