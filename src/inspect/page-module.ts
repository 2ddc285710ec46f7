// Programs for browsers that are files of this package: where they are, and their text as a browser takes
// it. Compiled in the built package; beside the sources, their types are taken away.

import { readFile } from 'node:fs/promises';
import nodeModule from 'node:module';

/** `.ts` where the sources run as they are, `.js` in the built package. */
export const MODULE_EXTENSION: '.js' | '.ts' = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

export async function readPageModule(file: URL): Promise<string> {
  const text = await readFile(file, 'utf8');
  return MODULE_EXTENSION === '.ts' ? withoutTypes(text) : text;
}

/** Node warns that it may change; the built package does not need it, and Node 22.12 has no such name to import. */
function withoutTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return nodeModule.stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}
