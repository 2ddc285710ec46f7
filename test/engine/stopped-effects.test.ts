// What a machine is told of a call that it stopped: that it is over, and never silence about a success.

import { effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import { errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { failing, ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<unknown, unknown>(
  {
    timeout: '1h',
    retry: { attempts: 3, jitter: false, initial: '1m', backoff: 'constant' },
  },
  failing,
);

type Events = { readonly type: 'CANCEL' };
interface Late {
  readonly type: 'effect.late';
  readonly outcome: string;
}

const waiting = setup({
  types: { context: {} as { readonly late: readonly string[] }, events: {} as Events | Late },
  actors: { charge },
}).createMachine({
  id: 'waiting',
  context: { late: [] },
  initial: 'PAYING',
  on: {
    'effect.late': {
      actions: assign({ late: ({ context, event }) => [...context.late, event.outcome] }),
    },
  },
  states: {
    PAYING: { on: { CANCEL: 'STOPPED' }, invoke: { id: 'pay', src: 'charge' } },
    STOPPED: {},
  },
});

const wildcard = setup({
  types: { context: {} as { readonly others: number }, events: {} as Events },
  actors: { charge },
}).createMachine({
  id: 'wildcard',
  context: { others: 0 },
  initial: 'PAYING',
  on: { '*': { actions: assign({ others: ({ context }) => context.others + 1 }) } },
  states: {
    PAYING: { on: { CANCEL: 'STOPPED' }, invoke: { id: 'pay', src: 'charge' } },
    STOPPED: {},
  },
});

const machines = [waiting, wildcard];

describe('a stopped effect', () => {
  it('that fails tells its machine that no call is under way any more', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(waiting, { id: 'o' });
    await world.time.settle();
    await actor.send({ type: 'CANCEL' });
    expect((await actor.snapshot()).context.late).toEqual([]);
    handler.last.reject(new Error('aborted'));
    await world.time.settle();
    expect((await actor.snapshot()).context.late).toEqual(['unknown']);
  });

  it('that waits for its next attempt tells so at once', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(waiting, { id: 'o' });
    await world.time.settle();
    handler.last.reject(new Error('down'));
    await world.time.settle();
    await actor.send({ type: 'CANCEL' });
    await world.time.settle();
    expect((await actor.snapshot()).context.late).toEqual(['unknown']);
  });

  it('that succeeds is not taken for handled by a plain wildcard', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(wildcard, { id: 'o' });
    await world.time.settle();
    await actor.send({ type: 'CANCEL' });
    handler.last.resolve({ id: 'ch-1' });
    await world.time.settle();
    expect((await actor.snapshot()).context.others).toBe(0);
    expect(await world.deadLetters()).toMatchObject([{ reason: 'LATE_SUCCESS' }]);
    expect((await world.engine.health()).level).toBe('red');
  });
});

const talking = setup({
  types: { events: {} as { readonly type: 'POKE' } },
  actors: { charge },
}).createMachine({
  id: 'talking',
  initial: 'PAYING',
  states: {
    PAYING: {
      on: { POKE: { actions: sendTo('pay', { type: 'poke' }) } },
      invoke: { id: 'pay', src: 'charge' },
    },
  },
});

describe('an event sent to an effect', () => {
  it('is dropped, as XState does, and is no dead letter', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines: [talking], handlers: { charge: handler.run } });
    const actor = await world.engine.start(talking, { id: 'o' });
    expect((await actor.send({ type: 'POKE' })).status).toBe('accepted');
    await world.restart('stop');
    const again = world.engine.actor(talking, 'o');
    expect((await again.send({ type: 'POKE' })).status).toBe('accepted');
    expect(await world.deadLetters()).toEqual([]);
  });
});

describe('a snapshot', () => {
  it('is a copy: what a reader does to it never reaches the actor', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines, handlers: { charge: handler.run } });
    const actor = await world.engine.start(waiting, { id: 'o' });
    const { context } = await actor.snapshot();
    Object.assign(context, { late: ['forged'] });
    expect((await actor.snapshot()).context.late).toEqual([]);
  });
});

describe('stopping a child from outside', () => {
  it('is refused, because its parent would wait for it for ever', async () => {
    await using world = await openWorld({ machines });
    const child = world.engine.actor(waiting, 'o/child');
    const error = await errorOf(child.stop());
    expect(error.code).toBe('BAD_ID');
    expect(error.message).toContain('Only its parent may stop a child: send it an event.');
  });
});
