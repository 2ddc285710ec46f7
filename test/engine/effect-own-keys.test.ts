// Keys that an effect names itself: prefixed with its actor, kept across states, and two effects under
// one of them run once.

import { effectKey, Rejected } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { codeOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { charge, machines, order, twins } from './keyed-orders.ts';

describe('a key of its own', () => {
  it('is handed to the handler with its actor before it, as effectKey makes it', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    expect(handler.last.key).toBe('o:payment/1');
    expect(handler.last.key).toBe(effectKey(world.engine.actor(order, 'o').id, 'payment/1'));
  });

  it('stays when the state is entered again, and changes with what it is made of', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await actor.send({ type: 'AGAIN' });
    await actor.send({ type: 'NEXT' });
    await world.time.settle();
    handler.call(1).reject(new Error('aborted'));
    await world.time.settle();
    expect(handler.calls.map(({ key }) => key)).toContain('o:payment/2');
  });

  it('runs once: the second effect gets the output that was recorded for the first', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    handler.last.resolve({ id: 'ch-1' });
    await actor.waitFor('rest');
    await actor.send({ type: 'AGAIN' });
    await world.time.settle();
    expect(handler.calls).toHaveLength(1);
    expect((await actor.snapshot()).context.results).toEqual([{ id: 'ch-1' }, { id: 'ch-1' }]);
  });

  it('runs once over a restart as well', async () => {
    const handler = new ScriptedHandler();
    const handlers = { charge: handler.run };
    await using world = await openWorld({ machines, handlers, on: 'sqlite' });
    await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    handler.last.resolve('once');
    await world.time.settle();
    const engine = await world.restart('abandon');
    await engine.actor(order, 'o').send({ type: 'AGAIN' });
    await world.time.settle();
    expect(handler.calls).toHaveLength(1);
    const { context } = await engine.actor(order, 'o').snapshot();
    expect(context.results).toEqual(['once', 'once']);
  });

  it('runs again after a failure: no success is recorded under it', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    handler.last.reject(new Error('down'));
    await world.time.advance(1_000);
    handler.last.reject(new Error('down'));
    await world.time.settle();
    await actor.send({ type: 'AGAIN' });
    await world.time.settle();
    expect(handler.calls.map(({ key }) => key)).toEqual(Array(3).fill('o:payment/1'));
    handler.last.resolve('ok');
    await world.time.settle();
    expect((await actor.snapshot()).context.results).toMatchObject([{ outcome: 'unknown' }, 'ok']);
  });

  it('is another one for another actor', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    await world.engine.start(order, { id: 'o-1' });
    await world.engine.start(order, { id: 'o-2' });
    await world.time.settle();
    expect(handler.calls.map(({ key }) => key)).toEqual(['o-1:payment/1', 'o-2:payment/1']);
  });

  it.each<[what: string, epoch: number | string]>([
    ['longer than 200 characters', 'x'.repeat(200)],
  ])('is refused with the step when it is %s', async (_what, epoch) => {
    const broken = setup({ actors: { charge } }).createMachine({
      id: 'broken',
      invoke: { src: 'charge', input: { epoch } },
    });
    await using world = await openWorld({ machines: [broken] });
    expect(await codeOf(world.engine.start(broken, { id: 'b' }))).toBe('STEP_FAILED');
    expect(await codeOf(world.engine.actor(broken, 'b').snapshot())).toBe('ACTOR_NOT_FOUND');
  });
});

describe('two effects under one key at one time', () => {
  it('make one call and get its output', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(twins, { id: 't' });
    await world.time.settle();
    expect(handler.calls).toHaveLength(1);
    handler.last.resolve('once');
    await world.time.settle();
    expect((await actor.snapshot()).context).toEqual({ a: 'once', b: 'once' });
    expect(handler.calls).toHaveLength(1);
  });

  it('make the second call only after the first has failed', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(twins, { id: 't' });
    await world.time.settle();
    handler.call(1).reject(new Error('down'));
    await world.time.settle();
    expect(handler.calls).toHaveLength(2);
    handler.call(2).resolve('ok');
    await world.time.advance(1_000);
    expect((await actor.snapshot()).context).toEqual({ a: 'ok', b: 'ok' });
    expect(handler.calls).toHaveLength(2);
  });

  it('are in doubt about each other: a rejection after a failed call is unknown', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    await world.engine.start(twins, { id: 't' });
    await world.time.settle();
    handler.call(1).reject(new Error('the connection broke'));
    await world.time.settle();
    handler.call(2).reject(new Rejected('DECLINED'));
    await world.time.settle();
    const [letter] = await world.deadLetters();
    expect(letter).toMatchObject({
      reason: 'EFFECT_EXHAUSTED',
      error: { outcome: 'unknown', code: 'DECLINED' },
    });
  });

  it('do not hold each other up beyond a timeout', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(twins, { id: 't' });
    await world.time.advance(86_400_000 + 1_000);
    expect(handler.calls.length).toBeGreaterThan(1);
    handler.last.resolve('ok');
    await world.time.advance(1_000);
    expect((await actor.snapshot()).context).toEqual({ a: 'ok', b: 'ok' });
  });
});

describe('a state that is entered again under the same key while its call is under way', () => {
  it('waits for that call and takes its success, which is not late then', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    await actor.send({ type: 'AGAIN' });
    await world.time.settle();
    expect(handler.calls).toHaveLength(1);
    expect(handler.call(1).signal.aborted).toBe(true);
    handler.call(1).resolve('once');
    await world.time.settle();
    expect(handler.calls).toHaveLength(1);
    expect(await actor.snapshot()).toMatchObject({ value: 'rest', context: { results: ['once'] } });
    expect(await world.deadLetters()).toEqual([]);
  });

  it('calls again when that call has failed', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    await actor.send({ type: 'AGAIN' });
    handler.call(1).reject(new Error('aborted'));
    await world.time.settle();
    expect(handler.calls.map(({ key }) => key)).toEqual(['o:payment/1', 'o:payment/1']);
    handler.call(2).resolve('ok');
    await world.time.settle();
    expect((await actor.snapshot()).context.results).toEqual(['ok']);
  });

  it('makes no call when it is left as well while it waits', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.settle();
    await actor.send({ type: 'AGAIN' });
    await actor.send({ type: 'NEXT' });
    await world.time.settle();
    handler.call(1).reject(new Error('aborted'));
    await world.time.settle();
    expect(handler.calls.map(({ key }) => key)).toEqual(['o:payment/1', 'o:payment/2']);
  });
});

describe('a retry under a key of its own', () => {
  it('is made although the call before it hangs', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(order, { id: 'o' });
    await world.time.advance(86_400_000 + 1_000);
    expect(handler.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
    handler.last.resolve('ok');
    await world.time.settle();
    expect((await actor.snapshot()).context.results).toEqual(['ok']);
  });
});
