// The host program as a test sees it: started, asked, killed, and gone when its plan says so.

import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { AskedProcess } from '../support/asked-process.ts';
import type { Answer, HostCall, HostOptions, KillPlan } from './host-protocol.ts';

const program = fileURLToPath(new URL('host.ts', import.meta.url));

export class EngineHost extends AskedProcess<HostCall, Answer> {
  constructor(options: HostOptions) {
    super({ program, options });
  }

  /** Lets it stop in good order. */
  async stop(): Promise<void> {
    await this.ask({ what: 'stop' });
    await this.gone;
  }
}

/** A host that takes requests. It does not outlive the test. @throws ProcessRefused, ProcessGone */
export async function startHost(
  where: Pick<HostOptions, 'db' | 'gateway'>,
  kill: KillPlan | null = null,
): Promise<EngineHost> {
  const host = new EngineHost({ ...where, kill });
  onTestFinished(() => host.kill());
  await host.opened();
  return host;
}
