// The program itself, as a process: what it prints goes through a pipe, Ctrl-C ends what goes on for long,
// and a reader that has enough is no error.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSample } from '../../scripts/cli-docs/sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'sagawright-program-'));
const shop = join(folder, 'shop.db');
const program = join(import.meta.dirname, '../../src/cli/main.ts');

beforeAll(() => writeSample(shop));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ReturnType<typeof spawn> {
  return spawn(process.execPath, ['--conditions=sagawright-source', program, ...args], {
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly exit: unknown; readonly printed: string; readonly complained: string }> {
  const { stdout, stderr, ...rest } = piped(start(args, env));
  const [printed, complained, [exit]] = await Promise.all([
    text(stdout),
    text(stderr),
    once(rest.child, 'exit'),
  ]);
  return { exit, printed, complained };
}

function piped(child: ReturnType<typeof spawn>): {
  readonly child: ReturnType<typeof spawn>;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
} {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('Expected the process to have pipes.');
  return { child, stdout, stderr };
}

describe('the program', () => {
  it('prints to a pipe without colours, and with them when they are forced', async () => {
    const plain = await run(['list', '--db', shop]);
    expect(plain).toMatchObject({ exit: 0, complained: '' });
    expect(plain.printed).not.toContain('\u001b');
    const forced = await run(['list', '--db', shop], { FORCE_COLOR: '1' });
    expect(forced.printed).toContain('\u001b[32mdone');
  });

  it('ends with the code of the command, and shows a stack on demand', async () => {
    const { exit, complained } = await run(['show', 'nobody', '--db', shop], {
      SAGAWRIGHT_DEBUG: '1',
    });
    expect(exit).toBe(3);
    expect(complained).toMatch(/^error: Expected an actor nobody.*\nNotFoundError: .*\n +at /);
  });

  it('ends tail by Ctrl-C with 0', async () => {
    const { child, stdout } = piped(start(['tail', '--since', '0', '--db', shop]));
    await once(stdout, 'data');
    stdout.resume();
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends quietly when nobody reads any more', async () => {
    const { child, stdout, stderr } = piped(
      start(['tail', '--since', '0', '--json', '--db', shop]),
    );
    const complained = text(stderr);
    await once(stdout, 'readable');
    child.stdout?.destroy();
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await complained).toBe('');
  });
});
