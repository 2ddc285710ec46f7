// Dead letters: kept until somebody decides. Listing takes nothing out, retrying is counted, and a loop
// is stopped.

import { actorRef, effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, createMachine, sendTo, setup } from 'xstate';
import { codeOf, collect, errorOf } from '../support/collected.ts';
import { type EngineWorld, openWorld, type WorldOptions } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

/** Whether the machine is still broken. */
let broken = true;

const order = setup({
  types: {
    context: {} as { readonly notes: readonly string[] },
    events: {} as
      | { readonly type: 'NOTE'; readonly text: string }
      | { readonly type: 'OTHER' }
      | { readonly type: 'CLOSE' },
  },
}).createMachine({
  id: 'order',
  context: { notes: [] },
  initial: 'open',
  on: { OTHER: { actions: assign(() => explode()) } },
  states: {
    open: {
      on: {
        NOTE: {
          actions: assign({
            notes: ({ context, event }) => [...context.notes, mended(event.text)],
          }),
        },
        CLOSE: 'closed',
      },
    },
    closed: {},
  },
});

function mended(text: string): string {
  if (broken) throw new RangeError('It is broken.');
  return text;
}

function explode(): never {
  throw new RangeError('It is always broken.');
}

const machines = [order];

/** A world whose actor `o` has failed on some notes, one dead letter each. */
async function letterWorld(
  texts: readonly string[],
  options: Partial<WorldOptions> = {},
): Promise<EngineWorld> {
  broken = true;
  const world = await openWorld({ machines, ...options });
  const actor = await world.engine.start(order, { id: 'o' });
  await Promise.allSettled(texts.map((text) => actor.send({ type: 'NOTE', text }, { key: text })));
  return world;
}

async function ids(world: EngineWorld): Promise<readonly number[]> {
  return (await world.deadLetters()).map(({ id }) => id);
}

describe('the list of dead letters', () => {
  it('takes nothing out, and is narrowed by reason and actor', async () => {
    await using world = await letterWorld(['a', 'b']);
    const p = await world.engine.start(order, { id: 'p' });
    await codeOf(p.send({ type: 'OTHER' }));
    expect(await world.deadLetters()).toHaveLength(3);
    expect(await world.deadLetters()).toHaveLength(3);
    const { deadLetters } = world.engine;
    expect(await collect(deadLetters.list({ actor: 'p' }))).toMatchObject([{ type: 'OTHER' }]);
    expect(await collect(deadLetters.list({ reason: 'LATE_SUCCESS' }))).toEqual([]);
    expect(await collect(deadLetters.list({ reason: 'STEP_FAILED', actor: 'o' }))).toHaveLength(2);
  });

  it('is counted by reason, nothing taken out', async () => {
    await using world = await letterWorld(['a', 'b']);
    expect(await world.engine.deadLetters.count()).toEqual({ STEP_FAILED: 2 });
    expect(await world.engine.deadLetters.count()).toEqual({ STEP_FAILED: 2 });
  });

  it('is read page by page, oldest first', async () => {
    const texts = Array.from({ length: 450 }, (_, index) => String(index));
    await using world = await letterWorld(texts);
    const notes = (await world.deadLetters()).map(({ message }) => message);
    expect(notes).toMatchObject(texts.map((text) => ({ event: { text } })));
  });

  it('outlives a restart', async () => {
    await using world = await letterWorld(['a'], { on: 'sqlite' });
    const before = await world.deadLetters();
    await world.restart('abandon');
    expect(await world.deadLetters()).toEqual(before);
  });
});

describe('retrying a dead letter', () => {
  it('delivers it, answers with its receipt, and takes it out in the same commit', async () => {
    await using world = await letterWorld(['a', 'b']);
    broken = false;
    const [id, other] = await ids(world);
    const receipt = await world.engine.deadLetters.retry(id ?? 0);
    expect(receipt).toMatchObject({ status: 'accepted', revision: 2 });
    expect(world.store.commits.at(-1)?.deadLettersRemoved).toEqual([id]);
    expect(await ids(world)).toEqual([other]);
    const { context } = await world.engine.actor(order, 'o').snapshot();
    expect(context.notes).toEqual(['a']);
  });

  it('uses its key: the sender who tries again gets a duplicate', async () => {
    await using world = await letterWorld(['a']);
    broken = false;
    const [id] = await ids(world);
    await world.engine.deadLetters.retry(id ?? 0);
    const actor = world.engine.actor(order, 'o');
    expect(await actor.send({ type: 'NOTE', text: 'a' }, { key: 'a' })).toMatchObject({
      status: 'duplicate',
    });
  });

  it('does not apply it twice when its sender has tried again in the meantime', async () => {
    await using world = await letterWorld(['a']);
    broken = false;
    const actor = world.engine.actor(order, 'o');
    await actor.send({ type: 'NOTE', text: 'a' }, { key: 'a' });
    const [id] = await ids(world);
    expect(await world.engine.deadLetters.retry(id ?? 0)).toMatchObject({ status: 'duplicate' });
    expect((await actor.snapshot()).context.notes).toEqual(['a']);
    expect(await ids(world)).toEqual([]);
  });

  it('keeps it, counted, when it fails again; no second letter is made', async () => {
    await using world = await letterWorld(['a']);
    const [id] = await ids(world);
    const error = await errorOf(world.engine.deadLetters.retry(id ?? 0));
    expect(error.code).toBe('STEP_FAILED');
    expect(await world.deadLetters()).toMatchObject([{ id, replays: 1 }]);
  });

  it('keeps it, counted, when its actor takes no such event any more', async () => {
    await using world = await letterWorld(['a']);
    await world.engine.actor(order, 'o').send({ type: 'CLOSE' });
    const [id] = await ids(world);
    expect(await world.engine.deadLetters.retry(id ?? 0)).toMatchObject({ status: 'rejected' });
    expect(await world.deadLetters()).toMatchObject([{ id, replays: 1 }]);
  });

  it('is refused as a loop after three replays, unless forced', async () => {
    await using world = await letterWorld(['a']);
    const [id = 0] = await ids(world);
    const { deadLetters } = world.engine;
    for (let replay = 1; replay <= 3; replay++) {
      expect(await codeOf(deadLetters.retry(id))).toBe('STEP_FAILED');
    }
    const error = await errorOf(deadLetters.retry(id));
    expect(error).toMatchObject({ code: 'DEAD_LETTER_LOOP', details: { id, replays: 3 } });
    broken = false;
    expect(await deadLetters.retry(id, { force: true })).toMatchObject({ status: 'accepted' });
    expect(await ids(world)).toEqual([]);
  });

  it('happens once when two people do it at one time', async () => {
    await using world = await letterWorld(['a']);
    broken = false;
    const [id = 0] = await ids(world);
    const { deadLetters } = world.engine;
    const both = await Promise.allSettled([deadLetters.retry(id), deadLetters.retry(id)]);
    expect(both.map(({ status }) => status)).toContain('fulfilled');
    expect((await world.engine.actor(order, 'o').snapshot()).context.notes).toEqual(['a']);
    expect(await ids(world)).toEqual([]);
    expect((await world.engine.health()).status).toBe('running');
  });

  it('happens once also without a key', async () => {
    broken = true;
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(order, { id: 'o' });
    await codeOf(actor.send({ type: 'NOTE', text: 'a' }));
    broken = false;
    const [id = 0] = await ids(world);
    const { deadLetters } = world.engine;
    await Promise.allSettled([deadLetters.retry(id), deadLetters.retry(id)]);
    expect((await actor.snapshot()).context.notes).toEqual(['a']);
  });

  it.each([
    ['an effect once, though its actor is resumed twice', [0, 1], 'active', 2],
    ['no effect of an actor that fails again', [0, 0], 'error', 1],
  ])('by two people in one turn runs %s', async (_what, chosen, status, calls) => {
    const handler = new ScriptedHandler();
    const paying = setup({ actors: { charge: effect<unknown, unknown>() } }).createMachine({
      id: 'paying',
      invoke: { src: 'charge' },
      on: { PING: {} },
      after: { 1000: { actions: assign(() => explode()) } },
    });
    const pinging = createMachine({
      id: 'pinging',
      entry: sendTo(() => actorRef('p'), { type: 'PING' }),
    });
    const handlers = { charge: handler.reconciling(async () => 'unknown') };
    await using world = await openWorld({ machines: [paying, pinging], handlers });
    const actor = await world.engine.start(paying, { id: 'p' });
    await world.time.advance(1_000);
    expect(await actor.snapshot()).toMatchObject({ status: 'error' });
    await world.engine.start(pinging, { id: 'q' });
    const letters = await ids(world);
    expect([letters.length, handler.calls.length]).toEqual([2, 1]);
    const retries = chosen.map((index) => world.engine.deadLetters.retry(letters[index] ?? 0));
    await Promise.allSettled(retries);
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({ status });
    expect(handler.calls).toHaveLength(calls);
    expect(handler.asked).toHaveLength(calls - 1);
  });

  it('is refused for a letter that is not there', async () => {
    await using world = await letterWorld([]);
    const { deadLetters } = world.engine;
    expect(await codeOf(deadLetters.retry(99))).toBe('DEAD_LETTER_NOT_FOUND');
    expect(await codeOf(deadLetters.discard(99))).toBe('DEAD_LETTER_NOT_FOUND');
  });
});

describe('getting rid of dead letters', () => {
  it('discards one, and leaves the others', async () => {
    await using world = await letterWorld(['a', 'b']);
    const [first = 0, second] = await ids(world);
    await world.engine.deadLetters.discard(first);
    expect(await ids(world)).toEqual([second]);
  });

  it('purges those older than an age, by reason and actor, and says how many', async () => {
    const texts = Array.from({ length: 250 }, (_, index) => String(index));
    await using world = await letterWorld(texts);
    await world.time.advance(60_000);
    const actor = world.engine.actor(order, 'o');
    await codeOf(actor.send({ type: 'NOTE', text: 'young' }));
    const { deadLetters } = world.engine;
    expect(await deadLetters.purge({ olderThan: '2m' })).toBe(0);
    expect(await deadLetters.purge({ olderThan: '30s', reason: 'LATE_SUCCESS' })).toBe(0);
    expect(await deadLetters.purge({ olderThan: '30s', actor: 'nobody' })).toBe(0);
    expect(await deadLetters.purge({ olderThan: '30s' })).toBe(250);
    expect(await world.deadLetters()).toMatchObject([{ message: { event: { text: 'young' } } }]);
  });
});
