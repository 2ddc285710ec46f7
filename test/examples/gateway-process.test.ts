// The gateway as a process of its own: what it acknowledged outlives a SIGKILL, it stops when it
// is told to, and it goes away with its parent.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type GatewayProcess, startGateway } from '../../examples/gateway/gateway-process.ts';
import { createCharge, createLedgerPath, get, post, type Reply } from './gateway-client.ts';

const mainPath = fileURLToPath(new URL('../../examples/gateway/main.ts', import.meta.url));

describe('a gateway process', { timeout: 60_000 }, () => {
  it('keeps every charge it acknowledged when it is killed in the middle of its work', async () => {
    const db = createLedgerPath();
    const first = await startGateway({ db });
    onTestFinished(() => first.kill());
    const sent: string[] = [];
    const acknowledged = new Map<string, Reply>();
    const charge = (gateway: GatewayProcess, key: string): Promise<Reply> =>
      post(gateway, '/charges', key, createCharge(key, 100 + key.length));
    const sendUntilItDies = async (): Promise<void> => {
      for (;;) {
        const key = `key-${sent.length}`;
        sent.push(key);
        acknowledged.set(key, await charge(first, key));
        if (acknowledged.size === 100) await first.kill();
      }
    };
    await Promise.allSettled(Array.from({ length: 20 }, sendUntilItDies));
    expect(acknowledged.size).toBeGreaterThanOrEqual(100);
    expect(acknowledged.size).toBeLessThan(sent.length);

    const second = await startGateway({ db });
    onTestFinished(() => second.stop());
    for (const [key, { body }] of acknowledged) {
      const report = await get(second, `/operations/${key}`);
      expect(report.body).toMatchObject({ state: 'done', status: 201, reply: body });
    }
    const replies = await Promise.all(sent.map((key) => charge(second, key)));
    for (const [key, { body }] of acknowledged) {
      expect(replies[sent.indexOf(key)]).toEqual({ status: 201, replayed: true, body });
    }
    const heldMinor = sent.reduce((sum, key) => sum + 100 + key.length, 0);
    const totals = { charges: sent.length, heldMinor, doubleCharges: 0 };
    expect((await get(second, '/ledger')).body).toMatchObject(totals);
  });

  it('stops when told to, keeps its port for the next one, and may be told twice', async () => {
    const db = createLedgerPath();
    const first = await startGateway({ db, declineRate: 1, latencyMs: { min: 1, max: 2 } });
    expect(first.pid).not.toBe(process.pid);
    const declined = await post(first, '/charges', 'k1', createCharge('order-1', 100));
    expect(declined.status).toBe(402);
    await first.stop();
    await first.stop();
    await expect(get(first, '/health')).rejects.toThrow();

    const second = await startGateway({ db, port: Number(new URL(first.url).port) });
    onTestFinished(() => second.stop());
    expect(second.url).toBe(first.url);
    const again = await post(second, '/charges', 'k1', createCharge('order-1', 100));
    expect(again).toEqual({ ...declined, replayed: true });
  });

  it('exits with 0 at SIGTERM, SIGINT and at the end of its parent', async () => {
    const ends: readonly ((child: ChildProcess) => void)[] = [
      (child) => child.kill('SIGTERM'),
      (child) => child.kill('SIGINT'),
      (child) => child.disconnect(),
    ];
    const codes = ends.map(async (end) => {
      const args = ['--db', createLedgerPath(), '--exit-with-parent'];
      const child = fork(mainPath, args, { silent: true });
      onTestFinished(() => {
        child.kill('SIGKILL');
      });
      const exited = once(child, 'exit');
      if (child.stdout !== null) await once(createInterface({ input: child.stdout }), 'line');
      end(child);
      const [code] = await exited;
      return code;
    });
    expect(await Promise.all(codes)).toEqual([0, 0, 0]);
  });

  it('that cannot start says so instead of waiting', async () => {
    const started = startGateway({ db: createLedgerPath(), errorRate: 2 });
    await expect(started).rejects.toThrow('expected the gateway to print its address, got the end');
  });
});
