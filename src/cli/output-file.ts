// Files that a command writes for people: pictures and pages. Not the database, which the store writes.

import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from './exit-code.ts';

/** Whether an output is a folder, there or to be made: then each machine gets a file of its own. */
export function isFolder(output: string): boolean {
  if (/[\\/]$/.test(output)) return true;
  return existsSync(output) ? statSync(output).isDirectory() : false;
}

/** @throws UsageError when the file cannot be written */
export function writeText(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Expected to write ${file}, but: ${reason}`);
  }
}
