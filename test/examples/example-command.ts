// Runs an example as its users do: by the command that package.json has for `npm run <script>`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

export interface Ended {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** @param script the name of an npm script that runs a file by `node` */
export function runScript(script: string, args: readonly string[] = []): Promise<Ended> {
  const [program, ...own] = (scripts[script] ?? '').split(' ');
  if (program !== 'node') throw new Error(`Expected npm run ${script} to run node.`);
  return runNode([...own, ...args]);
}

/** `sagawright check <file>`, from the sources. */
export function runCheck(file: string): Promise<Ended> {
  return runNode([...process.execArgv, 'src/cli/main.ts', 'check', file]);
}

async function runNode(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, args, { cwd: root });
  let text = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: text.trimEnd().split('\n'), errors };
}

/** What a timeline says happened: its last column, in order; a line that was wrapped is one again. */
export function happenings({ lines }: Ended): readonly string[] {
  const happened: string[] = [];
  for (const line of lines) {
    if (line === '' && happened.length > 0) break;
    const [, what] = /^ *\d+ {2,}\S+ {2,}(.+)$/.exec(line) ?? [];
    const [, rest] = /^ {8,}(\S.*)$/.exec(line) ?? [];
    const last = happened.pop();
    if (rest !== undefined && last !== undefined) happened.push(`${last} ${rest}`);
    else if (last !== undefined) happened.push(last);
    if (what !== undefined) happened.push(what);
  }
  return happened;
}
