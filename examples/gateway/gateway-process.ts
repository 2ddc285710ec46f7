// The gateway as a child process: the engine may be killed at any moment without the ledger, and
// the ledger without the engine. The child goes away when this process does, however it ends.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { GatewayOptions } from './gateway.ts';

export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  /** Asks it to stop, and resolves when it has. Twice is fine. */
  stop(): Promise<void>;
  /** SIGKILL: nothing of it gets to run again. Resolves when it is gone. */
  kill(): Promise<void>;
}

const mainPath = fileURLToPath(new URL('main.ts', import.meta.url));
// Flags of this process that would make the child run something else, or fight over a port.
const takesValue = /^(-e|-p|-pe|--eval|--print)$/;
const ownFlags = /^(-e|-p|-pe|--eval|--print|--input-type|--inspect|--watch|--test)/;

const announcement = z.object({ listening: z.string(), pid: z.int() });
type Announcement = z.infer<typeof announcement>;

/**
 * Starts a gateway and waits until it listens. What it writes to stderr goes to ours.
 * @throws Error when it ends before that
 */
export async function startGateway(options: GatewayOptions): Promise<GatewayProcess> {
  const child = spawn(
    process.execPath,
    [...computeNodeFlags(), mainPath, ...computeFlags(options)],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { listening, pid } = await readAnnouncement(child);
  // The gateway must not keep a finished program alive; it ends with it.
  child.unref();
  child.channel?.unref();

  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.ref();
      child.kill(signal);
      await exited;
    }
    if (child.exitCode !== null && child.exitCode !== 0) {
      throw new Error(`expected the gateway to exit with 0, got ${child.exitCode}`);
    }
  };
  return { url: listening, pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** The first line it prints, or how it ended without one. */
function readAnnouncement(child: ChildProcess): Promise<Announcement> {
  return new Promise((resolve, reject) => {
    const refuse = (got: string): void => {
      reject(new Error(`expected the gateway to print its address, got ${got}; see its stderr`));
    };
    child.once('error', reject);
    child.once('exit', (code, signal) => refuse(`the end of it (${code ?? signal})`));
    const { stdout } = child;
    if (stdout === null) return;
    createInterface({ input: stdout }).once('line', (line) => {
      const parsed = announcement.safeParse(parseJson(line));
      if (parsed.success) resolve(parsed.data);
      else refuse(JSON.stringify(line));
      stdout.destroy();
    });
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** This process's own flags, so that the child runs TypeScript when this one does. */
function computeNodeFlags(): string[] {
  const { execArgv } = process;
  return execArgv.filter((flag, index) => {
    const before = execArgv[index - 1];
    const isOwn = ownFlags.test(flag);
    const isValueOfOwn = before !== undefined && takesValue.test(before);
    return !isOwn && !isValueOfOwn;
  });
}

function computeFlags(options: GatewayOptions): string[] {
  const { latencyMs } = options;
  const values: Readonly<Record<string, string | number | undefined>> = {
    '--db': options.db,
    '--port': options.port,
    '--seed': options.seed,
    '--latency-ms': latencyMs && `${latencyMs.min}..${latencyMs.max}`,
    '--decline-rate': options.declineRate,
    '--error-rate': options.errorRate,
    '--lost-rate': options.lostRate,
    '--out-of-stock-rate': options.outOfStockRate,
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return [...given.map(([flag, value]) => `${flag}=${value}`), '--exit-with-parent'];
}
