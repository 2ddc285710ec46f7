// Commits that the database refuses although nobody outside can be told: what they were about is tried
// again or kept, never lost.

import { actorRef, ask, EngineError, effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { sendTo, setup } from 'xstate';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import type { Commit } from '../support/scripted-store.ts';

const refusal = new EngineError('STORE_REFUSED', 'The database refuses this commit.');

/** Refuses the first commit that fits. */
function refuseOnce(fits: (commit: Commit) => boolean): (commit: Commit) => EngineError | null {
  let isDone = false;
  return (commit) => {
    if (isDone || !fits(commit)) return null;
    isDone = true;
    return refusal;
  };
}

const fromInbox = ({ inboxRemoved = [] }: Commit): boolean => inboxRemoved.length > 0;

const call = effect<unknown, unknown>({
  timeout: '10s',
  retry: { attempts: 3, initial: '1s', backoff: 'constant', jitter: false },
});
const caller = setup({ actors: { call } }).createMachine({
  id: 'caller',
  initial: 'calling',
  states: {
    calling: { invoke: { id: 'call', src: 'call', onDone: 'called', onError: 'failed' } },
    called: {},
    failed: {},
  },
});

const question = ask<void>(() => ({ to: 'nobody', event: { type: 'HELLO' } }));
const asker = setup({ actors: { question } }).createMachine({
  id: 'asker',
  initial: 'idle',
  states: {
    idle: { on: { ASK: 'asking' } },
    asking: { invoke: { id: 'question', src: 'question', onDone: 'taken', onError: 'refused' } },
    taken: {},
    refused: {},
  },
});

const short = setup({}).createMachine({
  id: 'short',
  initial: 'open',
  states: { open: { on: { END: 'over' } }, over: { type: 'final' } },
});
const sender = setup({}).createMachine({
  id: 'sender',
  on: { PASS: { actions: sendTo(() => actorRef('short-1'), { type: 'END' }) } },
});

describe('a refused commit', () => {
  it('does not lose the attempt that it was to record', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines: [caller], handlers: { call: handler.run } });
    const actor = await world.engine.start(caller, { id: 'caller-1' });
    await world.time.settle();
    handler.call(1).reject(new Error('Not now.'));
    await world.time.settle();
    world.store.judge = refuseOnce(
      ({ journal, actors }) => journal.length === 0 && actors.length > 0,
    );
    await world.time.advance(1_000);
    expect(handler.calls).toHaveLength(2);
    handler.call(2).resolve(null);
    expect((await actor.waitFor('called')).value).toBe('called');
  });

  it('leaves an ask to nobody as a letter, whose retry answers it', async () => {
    await using world = await openWorld({ machines: [asker], limits: { cascade: 1 } });
    const actor = await world.engine.start(asker, { id: 'asker-1' });
    world.store.judge = refuseOnce(fromInbox);
    await actor.send({ type: 'ASK' });
    await world.time.settle();
    const [letter] = await world.deadLetters();
    expect(letter).toMatchObject({ actor: 'nobody', reason: 'STEP_FAILED' });
    await world.engine.deadLetters.retry(letter?.id ?? 0).catch(() => undefined);
    expect((await actor.waitFor('refused')).value).toBe('refused');
  });

  it('does not bring an actor back that has ended', async () => {
    await using world = await openWorld({ machines: [short, sender], limits: { cascade: 1 } });
    const ended = await world.engine.start(short, { id: 'short-1' });
    await ended.send({ type: 'END' });
    const from = await world.engine.start(sender, { id: 'sender-1' });
    world.store.judge = refuseOnce(fromInbox);
    await from.send({ type: 'PASS' });
    await world.time.settle();
    expect((await ended.snapshot()).status).toBe('done');
    expect(await world.deadLetters()).toMatchObject([{ actor: 'short-1', reason: 'STEP_FAILED' }]);
  });
});
