// A program with an engine in it, to be killed: opens a database, does what its parent says over IPC, and
// acknowledges each request once the engine has. Its only argument is JSON: HostOptions. It dies at the
// point that it was told, or with its parent.

import { type ActorClient, type Engine, isEngineError, openEngine, type Receipt } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import type { Refusal } from '../support/asked-process.ts';
import { order, purchase, saga } from './crash-machines.ts';
import { createGatewayCalls } from './gateway-calls.ts';
import type { Answer, FromHost, HostOptions, ToHost } from './host-protocol.ts';
import { KillPoints } from './kill-points.ts';

const options = JSON.parse(process.argv[2] ?? '') as HostOptions;
/** Answers on their way, each until it has been sent. */
const unsent = new Set<Promise<void>>();

function say(message: FromHost): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.send?.(message, () => resolve());
  return promise;
}

const violation = (text: string): void => void say({ type: 'violation', text });
const points = new KillPoints({
  plan: options.kill,
  acksSent: async () => {
    await Promise.all(unsent);
  },
  violation,
});

async function open(): Promise<Engine> {
  const store = points.store(sqliteStore(options.db));
  const calls = createGatewayCalls(options.gateway, violation);
  return openEngine({
    store,
    machines: [order, saga, purchase],
    handlers: points.handlers(store, calls),
    onFailure: (error) => violation(`the engine failed: ${error.message}`),
  });
}

async function answer(engine: Engine, request: ToHost): Promise<Answer> {
  switch (request.what) {
    case 'start-purchase': {
      const { id, input } = request;
      return startedAs(await engine.start(purchase, { id, input, ifExists: 'attach' }));
    }
    case 'start-order': {
      const { input } = request;
      return startedAs(await engine.start(order, { id: input.orderId, input, ifExists: 'attach' }));
    }
    case 'start-saga': {
      const { orderId, currency, totalMinor, items } = request.order;
      const input = { orderId, currency, totalMinor, items };
      return startedAs(await engine.start(saga, { id: request.id, input, ifExists: 'attach' }));
    }
    case 'pay':
      return sent(
        await engine.actor(purchase, request.id).send({ type: 'PAY' }, { key: request.key }),
      );
    case 'cancel':
      return sent(
        await engine.actor(saga, request.id).send({ type: 'CANCEL' }, { key: request.key }),
      );
    case 'end': {
      const actor = engine.actor(purchase, request.id);
      const { value, output } = await actor.waitFor(({ status }) => status === 'done', {
        timeout: '20s',
      });
      return { ended: { value, output } };
    }
    case 'stop':
      await engine.stop();
      return {};
  }
}

function startedAs({ created }: Pick<ActorClient, 'created'>): Answer {
  return { created };
}

function sent(receipt: Receipt): Answer {
  return { receipt };
}

function describe(error: unknown): Refusal {
  if (isEngineError(error)) {
    const { code, message, details } = error;
    return { code, message, details };
  }
  return { code: 'UNEXPECTED', message: String(error), details: {} };
}

function track(sending: Promise<void>): void {
  unsent.add(sending);
  void sending.then(() => unsent.delete(sending));
}

async function handle(engine: Engine, request: ToHost): Promise<void> {
  const { call } = request;
  const reply = await answer(engine, request).then(
    (done): FromHost => ({ type: 'answer', call, answer: done }),
    (error): FromHost => ({ type: 'refused', call, error: describe(error) }),
  );
  await say(reply);
  if (request.what === 'stop') process.disconnect();
}

// Without its parent nobody would end it.
process.once('disconnect', () => process.exit());
try {
  const engine = await open();
  process.on('message', (request) => track(handle(engine, request as ToHost)));
  await say({ type: 'open' });
} catch (error) {
  await say({ type: 'failed', error: describe(error) });
  process.disconnect();
}
