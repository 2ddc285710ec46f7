// Timers: armed by after, by delayed raise and by delayed sendTo; fired once, never early, and never
// before a message that waits already.

import { actorRef } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, cancel, raise, sendTo, setup } from 'xstate';
import { codeOf, collect, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

interface Context {
  readonly fired: readonly string[];
}

type Events =
  /** Arms a timer without a name. */
  | { readonly type: 'ARM'; readonly delay: number; readonly by: string }
  /** Arms the timer x. */
  | { readonly type: 'ARM_X'; readonly delay: number; readonly by: string }
  | { readonly type: 'REARM_X'; readonly delay: number }
  | { readonly type: 'DISARM'; readonly id: string }
  | { readonly type: 'FIRED'; readonly by: string }
  | { readonly type: 'FAR'; readonly delay: number }
  | { readonly type: 'WAIT' }
  | { readonly type: 'BACK' }
  | { readonly type: 'DYNAMIC' };

const alarm = setup({
  types: { context: {} as Context, events: {} as Events },
  delays: { chosen: ({ context }) => 1_000 * (context.fired.length + 1) },
}).createMachine({
  id: 'alarm',
  context: { fired: [] },
  initial: 'idle',
  on: {
    ARM: {
      actions: raise(({ event }) => ({ type: 'FIRED', by: event.by }) as const, {
        delay: ({ event }) => event.delay,
      }),
    },
    ARM_X: {
      actions: raise(({ event }) => ({ type: 'FIRED', by: event.by }) as const, {
        delay: ({ event }) => event.delay,
        id: 'x',
      }),
    },
    REARM_X: {
      actions: [
        cancel('x'),
        raise({ type: 'FIRED', by: 'again' }, { delay: ({ event }) => event.delay, id: 'x' }),
      ],
    },
    DISARM: { actions: cancel(({ event }) => event.id) },
    FIRED: {
      actions: assign({ fired: ({ context, event }) => [...context.fired, event.by] }),
    },
    FAR: {
      actions: sendTo(
        () => actorRef('other'),
        { type: 'FIRED', by: 'far' },
        { delay: ({ event }) => event.delay },
      ),
    },
  },
  states: {
    idle: { on: { WAIT: 'waiting', DYNAMIC: 'dynamic' } },
    waiting: { on: { BACK: 'idle' }, after: { 5000: 'idle' } },
    dynamic: { after: { chosen: 'idle' } },
  },
});

const machines = [alarm];

describe('an after transition', () => {
  it('is taken when its time has come, not a millisecond before', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'WAIT' });
    await world.time.advance(4_999);
    expect((await actor.snapshot()).value).toBe('waiting');
    await world.time.advance(1);
    expect((await actor.snapshot()).value).toBe('idle');
    expect((await world.history('a')).at(-1)).toBe('received xstate.after.5000.alarm.waiting');
  });

  it('shows in the snapshot and in the row while it waits', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'WAIT' });
    const dueAt = world.time.now + 5_000;
    expect((await actor.snapshot()).timers).toEqual([
      {
        id: 'xstate.after.5000.alarm.waiting',
        eventType: 'xstate.after.5000.alarm.waiting',
        dueAt,
      },
    ]);
    expect((await world.row('a')).wakeAt).toBe(dueAt);
  });

  it('is given up when its state is left, and armed anew when it is entered again', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'WAIT' });
    await world.time.advance(4_000);
    await actor.send({ type: 'BACK' });
    expect((await world.row('a')).wakeAt).toBe(null);
    await actor.send({ type: 'WAIT' });
    await world.time.advance(4_999);
    expect((await actor.snapshot()).value).toBe('waiting');
    await world.time.advance(1);
    expect((await actor.snapshot()).value).toBe('idle');
  });

  it('may compute its delay from the context', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'FIRED', by: 'x' });
    await actor.send({ type: 'DYNAMIC' });
    expect((await actor.snapshot()).timers[0]?.dueAt).toBe(world.time.now + 2_000);
    await world.time.advance(2_000);
    expect((await actor.snapshot()).value).toBe('idle');
  });
});

describe('a delayed raise', () => {
  it('comes back to its actor once', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'ARM_X', delay: 100, by: 'x' });
    await world.time.advance(99);
    expect((await actor.snapshot()).context.fired).toEqual([]);
    await world.time.advance(1);
    await world.time.advance(86_400_000);
    expect((await actor.snapshot()).context.fired).toEqual(['x']);
    expect((await actor.snapshot()).timers).toEqual([]);
  });

  it('does not come after it was cancelled', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'ARM_X', delay: 100, by: 'x' });
    await actor.send({ type: 'ARM', delay: 100, by: 'y' });
    await actor.send({ type: 'DISARM', id: 'x' });
    await world.time.advance(1_000);
    expect((await actor.snapshot()).context.fired).toEqual(['y']);
  });

  it('replaces an earlier one under its id', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'ARM_X', delay: 100, by: 'x' });
    await world.time.advance(50);
    await actor.send({ type: 'ARM_X', delay: 200, by: 'later' });
    await world.time.advance(199);
    expect((await actor.snapshot()).context.fired).toEqual([]);
    await world.time.advance(1);
    await world.time.advance(1_000);
    expect((await actor.snapshot()).context.fired).toEqual(['later']);
  });

  it('may be cancelled and armed again in one step', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'ARM_X', delay: 100, by: 'x' });
    await actor.send({ type: 'REARM_X', delay: 300 });
    expect((await actor.snapshot()).timers).toHaveLength(1);
    await world.time.advance(299);
    expect((await actor.snapshot()).context.fired).toEqual([]);
    await world.time.advance(1);
    expect((await actor.snapshot()).context.fired).toEqual(['again']);
  });

  it('fires in the order of due times, whatever the order of arming', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    const delays = [500, 100, 300, 200, 400];
    await Promise.all(delays.map((delay) => actor.send({ type: 'ARM', delay, by: `${delay}` })));
    world.time.stall(1_000);
    await world.time.advance(0);
    expect((await actor.snapshot()).context.fired).toEqual(['100', '200', '300', '400', '500']);
  });

  it('with no delay at all is due at once', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'ARM', delay: 0, by: 'x' });
    await world.time.advance(0);
    expect((await actor.snapshot()).context.fired).toEqual(['x']);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'is refused with a delay of %d',
    async (delay) => {
      const broken = setup({ types: { events: {} as { readonly type: 'GO' } } }).createMachine({
        id: 'broken',
        on: { GO: { actions: raise({ type: 'GO' }, { delay: () => delay }) } },
      });
      await using world = await openWorld({ machines: [broken] });
      const actor = await world.engine.start(broken, { id: 'b' });
      const error = await errorOf(actor.send({ type: 'GO' }));
      expect(error.code).toBe('STEP_FAILED');
      expect(error.message).toContain('finite delay');
      expect((await actor.snapshot()).timers).toEqual([]);
    },
  );
});

describe('a delayed sendTo', () => {
  it('delivers to the other actor when due, and is journaled by its sender', async () => {
    await using world = await openWorld({ machines });
    const [actor, other] = await Promise.all([
      world.engine.start(alarm, { id: 'a' }),
      world.engine.start(alarm, { id: 'other' }),
    ]);
    await actor.send({ type: 'FAR', delay: 100 });
    await world.time.advance(99);
    expect((await other.snapshot()).context.fired).toEqual([]);
    await world.time.advance(1);
    expect((await other.snapshot()).context.fired).toEqual(['far']);
    const fired = (await collect(actor.history())).at(-1);
    expect(fired).toMatchObject({ kind: 'noted', type: 'timer.fired', revision: 3 });
    const received = (await collect(other.history())).at(-1);
    expect(received).toMatchObject({ type: 'FIRED', causation: 'a@3' });
  });

  it('ends with its sender', async () => {
    await using world = await openWorld({ machines });
    const [actor, other] = await Promise.all([
      world.engine.start(alarm, { id: 'a' }),
      world.engine.start(alarm, { id: 'other' }),
    ]);
    await actor.send({ type: 'FAR', delay: 100 });
    await actor.stop();
    await world.time.advance(1_000);
    expect((await other.snapshot()).context.fired).toEqual([]);
  });
});

describe('a message that waits already', () => {
  it('is taken before a timer that is due, so no timeout beats an answer that is there', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'WAIT' });
    world.time.stall(10_000);
    const back = actor.send({ type: 'BACK' });
    world.time.fireDue();
    expect(await back).toMatchObject({ status: 'accepted', value: 'idle' });
    await world.time.advance(0);
    expect((await world.history('a')).slice(-2)).toEqual(['received WAIT', 'received BACK']);
  });
});

describe('a timer that has fired but was not taken yet', () => {
  it('is stale when a message before it cancels it', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'ARM_X', delay: 100, by: 'x' });
    world.time.stall(100);
    const sent = actor.send({ type: 'DISARM', id: 'x' });
    world.time.fireDue();
    await sent;
    await world.time.advance(10_000);
    expect((await actor.snapshot()).context.fired).toEqual([]);
  });

  it('is stale when a message before it arms it anew, and the new one fires at its time', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'ARM_X', delay: 100, by: 'old' });
    world.time.stall(100);
    const sent = actor.send({ type: 'ARM_X', delay: 500, by: 'new' });
    world.time.fireDue();
    await sent;
    await world.time.advance(499);
    expect((await actor.snapshot()).context.fired).toEqual([]);
    await world.time.advance(1);
    expect((await actor.snapshot()).context.fired).toEqual(['new']);
  });
});

describe('a stopped actor', () => {
  it('has no timers', async () => {
    await using world = await openWorld({ machines });
    const actor = await world.engine.start(alarm, { id: 'a' });
    await actor.send({ type: 'WAIT' });
    await actor.stop();
    expect(await world.row('a')).toMatchObject({ status: 'stopped', wakeAt: null });
    await world.time.advance(10_000);
    expect(await actor.snapshot()).toMatchObject({ status: 'stopped', timers: [] });
    expect(await codeOf(actor.waitFor('idle'))).toBe('ACTOR_STOPPED');
  });
});
