// `npm run example:inspector`: what it prints, what its inspector shows, and that Ctrl-C ends it.

import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ViewerMessage } from 'sagawright/inspect';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';

const main = join(import.meta.dirname, '../../examples/inspector/main.ts');

function start(args: readonly string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, [...process.execArgv, main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

it('serves the inspector while an order is fulfilled and after, until Ctrl-C', async () => {
  const child = start(['--offline']);
  try {
    const lines: string[] = [];
    const { stdout } = child;
    if (stdout === null) throw new Error('Expected what it prints.');
    // The end of a loop over an interface would close it.
    const printed = createInterface(stdout);
    printed.on('line', (line) => lines.push(line));
    while (lines.length < 2) await once(printed, 'line');
    const [where = '', end] = lines;
    expect(where).toMatch(/^The inspector is at http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(end).toBe('fulfilment-123 is completed. Ctrl-C ends this.');

    const url = where.replace('The inspector is at ', '');
    const page = await (await fetch(url)).text();
    expect(page).toContain('<title>Inspector</title>');
    expect(page).not.toContain('stately');
    const socket = new WebSocket(`${url.replace('http', 'ws')}events`);
    const states = new Map<string, unknown>();
    for await (const [data] of on(socket, 'message')) {
      const message = JSON.parse(String(data)) as ViewerMessage;
      if (message.type === '@sagawright.restored') break;
      if (message.type === '@xstate.actor') states.set(message.sessionId, message.snapshot.value);
    }
    expect(states.get('order-123')).toBe('DELIVERED');

    const exited = once(child, 'exit');
    child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

it('refuses what is no option', async () => {
  const child = spawn(process.execPath, [...process.execArgv, main, '--port', 'x'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  expect(await once(child, 'exit')).toEqual([2, null]);
});
