// An event loop that stands still: an answer that came in the meantime is heard before the timeout that
// fell due in the meantime. Once with a real busy loop and a gateway in another process, once for ten
// seconds of virtual time.

import { join } from 'node:path';
import { effect, type HandlerArgs, openEngine } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, setup } from 'xstate';
import { createCrashWorld } from '../crash/crash-world.ts';
import { createGatewayCalls } from '../crash/gateway-calls.ts';
import { readKey } from '../crash/ledger-reading.ts';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { createFolder } from './means.ts';

const folder = createFolder('stalled-loop');
const input = { orderId: 'order-1', amountMinor: 1_250, sku: 'sku-1', quantity: 1 };

/** Its call has a time limit, and so has its state, a little longer. */
function createOrder(timeoutMs: number): AnyStateMachine {
  const chargeCard = effect<typeof input, unknown>({ timeout: timeoutMs, retry: { attempts: 2 } });
  return setup({ actors: { chargeCard } }).createMachine({
    id: 'order',
    initial: 'PAYING',
    states: {
      PAYING: {
        invoke: { id: 'pay', src: 'chargeCard', input, onDone: 'PAID', onError: 'UNPAID' },
        after: { [timeoutMs + 50]: 'EXPIRED' },
      },
      PAID: {},
      UNPAID: {},
      EXPIRED: {},
    },
  });
}

/** The event loop stands still, for so many real milliseconds. */
function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('an event loop that stands still (F38)', () => {
  it('for a second hears the answer that waits in the socket before the timeouts', async () => {
    const { gateway } = await createCrashWorld({ latencyMs: { min: 300, max: 300 } });
    const violations: string[] = [];
    const { chargeCard } = createGatewayCalls(gateway, (text) => violations.push(text));
    const order = createOrder(500);
    let stalled = 0;
    const handlers = {
      chargeCard: (args: HandlerArgs<never>): Promise<unknown> => {
        // Once the request is on its way; the gateway answers in the middle of it. From setImmediate the
        // loop goes on with timers, and reads sockets after them.
        setTimeout(() => {
          setImmediate(() => {
            stalled += 1;
            stall(1_000);
          });
        }, 150);
        return Promise.resolve(chargeCard?.(args));
      },
    };
    const store = sqliteStore(join(folder, 'real.db'));
    await using engine = await openEngine({ store, machines: [order], handlers });
    const actor = await engine.start(order, { id: 'o' });
    const { value } = await actor.waitFor(({ value: now }) => now !== 'PAYING', { timeout: '20s' });
    expect(value).toBe('PAID');
    expect(stalled).toBe(1);
    expect(violations).toEqual([]);
    expect(await readKey(gateway, 'o@1:pay')).toMatchObject({ arrivals: 1, applied: 1 });
  });

  it('for ten seconds takes the outcome that has come before the timeouts', async () => {
    const order = createOrder(5_000);
    const handler = new ScriptedHandler();
    await using world = await openWorld({
      machines: [order],
      handlers: { chargeCard: handler.run },
    });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    world.time.stall(10_000);
    handler.last.resolve('ch-1');
    await world.time.advance(0);
    expect((await actor.snapshot()).value).toBe('PAID');
    expect(handler.calls).toHaveLength(1);
    expect(await world.deadLetters()).toEqual([]);
  });

  it('for ten seconds without an answer has the timeouts come, once each', async () => {
    const order = createOrder(5_000);
    const handler = new ScriptedHandler();
    await using world = await openWorld({
      machines: [order],
      handlers: { chargeCard: handler.run },
    });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    world.time.stall(10_000);
    await world.time.advance(0);
    expect((await actor.snapshot()).value).toBe('EXPIRED');
    expect(handler.calls).toHaveLength(1);
  });
});
