// One engine for one database, held by the kernel: a second process is told who holds it, and gets in as
// soon as the holder is dead, with everything that the holder had acknowledged.

import { describe, expect, it } from 'vitest';
import { ProcessRefused } from '../support/asked-process.ts';
import { createCrashWorld } from './crash-world.ts';
import { EngineHost, startHost } from './engine-host.ts';

describe('two engines on one database (F35)', () => {
  it('cannot be: the second is refused with the pid of the first, until that one is killed', async () => {
    const world = await createCrashWorld();
    const first = await startHost(world);
    const input = { orderId: 'order-1', amountMinor: 100, sku: 'sku-1', quantity: 1 };
    await first.ask({ what: 'start-purchase', id: 'purchase-1', input });

    const second = new EngineHost({ ...world, kill: null });
    const refusal = await second.opened().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ProcessRefused);
    expect(refusal).toMatchObject({
      refusal: {
        code: 'STORE_LOCKED',
        details: { pid: first.pid },
        message: expect.stringContaining(String(first.pid)),
      },
    });
    expect(await second.gone).toBeNull();

    // The refused one has not loosened the lock, and the holder goes on.
    const receipt = await first.ask({ what: 'pay', id: 'purchase-1', key: 'pay-1' });
    await expect(startHost(world)).rejects.toBeInstanceOf(ProcessRefused);
    await first.kill();

    const third = await startHost(world);
    const again = await third.ask({ what: 'pay', id: 'purchase-1', key: 'pay-1' });
    expect(again.receipt).toEqual({ status: 'duplicate', first: receipt.receipt });
    await third.ask({ what: 'end', id: 'purchase-1' });
    await third.stop();
  });
});
