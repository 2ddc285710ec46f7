// A program with an engine and its accounts, for tests that break the machine below it: does what its
// parent says over IPC, and stops at SIGTERM as a program should. Its only argument is JSON:
// ProcessOptions. Each call to the outside leaves a line in the file DATABASE.calls.

import { appendFileSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type Engine, type HandlerArgs, isEngineError, openEngine } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import type { Refusal } from '../support/asked-process.ts';
import { account, type Post } from './account.ts';
import type {
  EngineAnswer,
  EngineCall,
  FromEngine,
  ProcessOptions,
  ToEngine,
} from './engine-protocol.ts';

const options = JSON.parse(process.argv[2] ?? '') as ProcessOptions;
const failure: PromiseWithResolvers<string> = Promise.withResolvers<string>();

function say(message: FromEngine): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.send?.(message, () => resolve());
  return promise;
}

async function post({ key, attempt, input, signal }: HandlerArgs<Post>): Promise<object> {
  appendFileSync(`${options.db}.calls`, `${key} ${attempt} ${input.total}\n`);
  if (options.postMs !== undefined) await pause(options.postMs, null, { signal });
  return { key };
}

async function answer(engine: Engine, request: EngineCall): Promise<EngineAnswer> {
  switch (request.what) {
    case 'start':
      await engine.start(account, { id: request.id, ifExists: 'attach' });
      return {};
    case 'send': {
      const { id, event, key } = request;
      return { receipt: await engine.actor(account, id).send(event, { key }) };
    }
    case 'read': {
      const { value, revision, context } = await engine.actor(account, request.id).snapshot();
      return { account: { value, revision, context } };
    }
    case 'failure':
      return { code: await Promise.race([failure.promise, pause(10_000, 'none')]) };
    case 'health': {
      const { level, status, problems } = await engine.health();
      return { health: { level, status, problems } };
    }
    case 'clock':
      return { now: Date.now() };
    case 'fill-disk':
      fillDisk(request.ballast);
      return {};
    case 'free-disk':
      rmSync(request.ballast);
      return {};
    case 'copy':
      copyFileSync(request.from, request.to);
      return {};
    case 'stop':
      await engine.stop();
      return {};
    case 'leave':
      return {};
  }
}

/** Takes what is left of the disk, to the last page. */
function fillDisk(path: string): void {
  for (const bytes of [2 ** 16, 2 ** 12]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}

function describe(error: unknown): Refusal {
  if (isEngineError(error)) {
    const { code, message, details } = error;
    return { code, message, details };
  }
  return { code: 'UNEXPECTED', message: String(error), details: {} };
}

async function handle(engine: Engine, request: ToEngine): Promise<void> {
  const { call } = request;
  await say(
    await answer(engine, request).then(
      (done): FromEngine => ({ type: 'answer', call, answer: done }),
      (error): FromEngine => ({ type: 'refused', call, error: describe(error) }),
    ),
  );
  if (request.what === 'leave') process.disconnect();
}

/** By `once`, the second signal meets nobody and ends the process at once. */
function stopAtSigterm(engine: Engine): void {
  process.once('SIGTERM', () => {
    void engine.stop({ drain: options.drainMs ?? '10s' }).then(() => {
      // Nothing but the channel to its parent may keep it.
      process.channel?.unref();
    });
  });
}

// Without its parent nobody would end it.
process.once('disconnect', () => process.exit());
try {
  const { db, durability = 'full' } = options;
  const engine = await openEngine({
    store: sqliteStore(db, { durability, onNotice: () => undefined }),
    machines: [account],
    handlers: { post },
    onFailure: ({ code }) => failure.resolve(code),
  });
  stopAtSigterm(engine);
  process.on('message', (request) => void handle(engine, request as ToEngine));
  await say({ type: 'open' });
} catch (error) {
  await say({ type: 'failed', error: describe(error) });
  process.disconnect();
}
