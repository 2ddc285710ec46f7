// The process that hosts the engine, and the one that gets killed. It takes its work over IPC, reports
// over IPC, and leaves nothing behind but the engine's database: started again with the same work, it
// goes on where the last one was cut.

import { type Engine, openEngine } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import { type FromEngine, isRunRequest, type RunRequest } from './engine-messages.ts';
import { runOrders } from './order-run.ts';
import { CHOSEN_SAGAS, sagaIdOf } from './run-saga.ts';

/** Resolves when the message is on its way, so that the process may end after it. */
function tell(message: FromEngine): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) reject(new Error('expected an IPC channel, got none'));
    else process.send(message, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });
}

async function countSagas(engine: Engine, { orders, saga }: RunRequest): Promise<number> {
  const wanted = new Set(orders.map(({ orderId }) => sagaIdOf(orderId)));
  const [machine] = CHOSEN_SAGAS[saga].machines;
  let count = 0;
  for await (const { id } of engine.list({ machine: machine.id })) {
    if (wanted.has(id)) count += 1;
  }
  return count;
}

async function run(request: RunRequest): Promise<void> {
  const { machines, createHandlers } = CHOSEN_SAGAS[request.saga];
  const { promise: opened, resolve: tellOpened } = Promise.withResolvers<Engine>();
  const engine = await openEngine({
    store: sqliteStore(request.db),
    machines,
    handlers: { ...createHandlers(request.gatewayUrl, () => opened) },
    // It cannot be sure of its database any more: nothing may be told that is not known.
    onFailure: (error) => fail(error),
  });
  tellOpened(engine);
  try {
    await work(engine, request);
  } finally {
    await engine.stop();
  }
}

async function work(engine: Engine, request: RunRequest): Promise<void> {
  await tell({
    type: 'ready',
    sagasFound: await countSagas(engine, request),
    callsRecovered: engine.recovered.effects,
  });
  const { orders, refunds } = await runOrders({
    engine,
    saga: CHOSEN_SAGAS[request.saga],
    concurrency: request.concurrency,
    orders: request.orders,
    refunds: request.refunds,
    onProgress: ({ done, started }) => {
      tell({ type: 'progress', done, started }).catch(fail);
    },
  });
  const { problems } = await engine.health();
  await tell({ type: 'books', orders, refunds, problems });
}

function fail(error: unknown): void {
  process.exitCode = 1;
  const message = error instanceof Error ? error.message : String(error);
  tell({ type: 'failed', message })
    .catch(() => undefined)
    .finally(() => process.exit());
}

// Whoever has asked for the work is gone: what is done is on disk, the rest can wait.
process.once('disconnect', () => process.exit(1));
process.once('message', (message: unknown) => {
  if (!isRunRequest(message)) {
    fail(new Error('expected the work to do as first message'));
    return;
  }
  run(message).then(() => {
    process.removeAllListeners('disconnect');
    process.disconnect();
  }, fail);
});
