// The engine's process as a fault test sees it, with the commands that most tests give it.

import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Receipt } from 'sagawright';
import { onTestFinished } from 'vitest';
import { AskedProcess, ProcessRefused, type ProgramStart } from '../support/asked-process.ts';
import type { AccountEvent } from './account.ts';
import type { EngineAnswer, EngineCall, ProcessOptions } from './engine-protocol.ts';

const program = fileURLToPath(new URL('engine-process.ts', import.meta.url));

/** Longer than anything takes that a test waits for. */
const PATIENCE_MS = 30_000;

type How = Pick<ProgramStart, 'by' | 'environment'>;

export class EngineChild extends AskedProcess<EngineCall, EngineAnswer> {
  constructor(options: ProcessOptions, how: How = {}) {
    super({ program, options, ...how });
  }

  async send(id: string, event: AccountEvent, key: string): Promise<Receipt | undefined> {
    const { receipt } = await this.ask({ what: 'send', id, event, key });
    return receipt;
  }

  async read(id: string): Promise<NonNullable<EngineAnswer['account']>> {
    const { account } = await this.ask({ what: 'read', id });
    if (account === undefined) throw new Error(`Expected to read ${id}.`);
    return account;
  }

  /** Reads again until the account is as wanted. @throws after half a minute */
  async readUntil(
    id: string,
    wanted: (account: NonNullable<EngineAnswer['account']>) => boolean,
  ): Promise<NonNullable<EngineAnswer['account']>> {
    const lastAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const account = await this.read(id);
      if (wanted(account)) return account;
      if (performance.now() > lastAt) {
        throw new Error(`${id} has not become what was waited for: ${JSON.stringify(account)}.`);
      }
      await pause(10);
    }
  }

  /** Stops the engine in order and ends the process. */
  async leave(): Promise<void> {
    await this.ask({ what: 'stop' });
    await this.ask({ what: 'leave' });
    await this.ended;
  }
}

/** A process that takes requests. It does not outlive the test. @throws ProcessRefused, ProcessGone */
export async function startEngine(options: ProcessOptions, how: How = {}): Promise<EngineChild> {
  const child = new EngineChild(options, how);
  onTestFinished(() => child.kill());
  await child.opened();
  return child;
}

/** The code with which a request was refused, `accepted` if it was not. A process gone is neither. */
export async function codeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return 'accepted';
  } catch (error) {
    if (error instanceof ProcessRefused) return error.refusal.code;
    throw error;
  }
}

/** The calls to the outside that processes on this database have made: `key attempt total`. */
export function readCalls(db: string): readonly string[] {
  const file = `${db}.calls`;
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}
