// Databases for tests of the command line, made by the shop of examples/fulfilment: run once, and copied
// for each test, so that every test may change its own.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sqliteReader } from 'sagawright/store';
import type { Fault } from '../../examples/fulfilment/faults.ts';
import { runExample } from '../../examples/fulfilment/run.ts';

/** What a command needs to work on the shop. */
export const SHOP_MACHINES: string = fileURLToPath(new URL('shop-machines.ts', import.meta.url));

export class ShopDatabase implements Disposable {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'sagawright-cli-'));
  #copies = 0;

  /** A path in a folder of its own, where nothing is yet. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Runs an example to its rest; with its engine stopped, the file is whole. */
  async run(name: string, faults: Readonly<Record<string, Fault>>): Promise<void> {
    const options = { name, faults: new Map(Object.entries(faults)), isRetried: false };
    await runExample({ ...options, db: this.path('shop.db') }, () => undefined);
  }

  /** The path of a copy that nobody else uses. */
  copy(): string {
    this.#copies += 1;
    const copy = this.path(`copy-${this.#copies}.db`);
    copyFileSync(this.path('shop.db'), copy);
    return copy;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** All that a small database says, to be compared: its journal, rows and dead letters. */
export async function contentsOf(path: string): Promise<object> {
  const reader = await sqliteReader(path);
  try {
    const limit = 1_000;
    const [journal, actors, letters, machines] = await Promise.all([
      reader.journal({ limit }),
      reader.list({ limit }),
      reader.deadLetters({ limit }),
      reader.machines(),
    ]);
    return { journal, actors, letters, machines: machines.map(({ machine }) => machine) };
  } finally {
    await reader.close();
  }
}
