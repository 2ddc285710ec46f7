// Where a crash test takes place: a folder with the engine's database, and a gateway process with its own
// ledger, which nobody kills.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { GatewayOptions } from '../../examples/gateway/gateway.ts';
import { startGateway } from '../../examples/gateway/gateway-process.ts';

export interface CrashWorld {
  readonly db: string;
  /** The gateway's address. */
  readonly gateway: string;
}

export async function createCrashWorld(faults: Partial<GatewayOptions> = {}): Promise<CrashWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'sagawright-crash-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { url, stop } = await startGateway({ db: join(folder, 'gateway.db'), ...faults });
  onTestFinished(stop);
  return { db: join(folder, 'engine.db'), gateway: url };
}
