// A transaction that says which actors it will touch: they are read at once, and its callback runs once.

import { virtual } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { stock } from '../support/stock-machine.ts';

const SKUS: readonly string[] = Array.from({ length: 200 }, (_, n) => `stock-${n}`);

describe.each(['memory', 'sqlite'] as const)('the actors that a transaction names on %s', (on) => {
  const shelves = virtual(stock, { prefix: 'stock-', input: (sku) => ({ sku, available: 5 }) });

  it('are read before its callback runs, whether they are there or come into being by it', async () => {
    await using world = await openWorld({ machines: [shelves], on });
    for (const round of [1, 2]) {
      let runs = 0;
      await world.engine.transact(
        (tx) => {
          runs += 1;
          for (const sku of SKUS) {
            const receipt = tx.send<typeof stock>(sku, { type: 'reserve', quantity: 2 });
            expect(receipt.status).toBe('accepted');
          }
        },
        { actors: SKUS },
      );
      expect(runs, `round ${round}`).toBe(1);
      await world.restart('stop');
    }
    const [first] = await world.engine.read(SKUS);
    expect(first?.context.available).toBe(1);
  });

  it('may be left out, or be too few: what is missing is read as it is touched', async () => {
    await using world = await openWorld({ machines: [shelves], on });
    let runs = 0;
    await world.engine.transact(
      (tx) => {
        runs += 1;
        for (const sku of SKUS.slice(0, 3))
          tx.send<typeof stock>(sku, { type: 'reserve', quantity: 1 });
      },
      { actors: ['stock-0', 'nobody'] },
    );
    expect(runs).toBe(3);
  });

  it('are refused when they are no ids, or too many', async () => {
    await using world = await openWorld({ machines: [shelves], on });
    const transact = (actors: readonly string[]): Promise<unknown> =>
      world.engine.transact(() => null, { actors });
    expect(await codeOf(transact(['']))).toBe('BAD_ID');
    expect(await codeOf(transact(Array(10_001).fill('stock-1')))).toBe('BAD_OPTION');
  });
});
