// A row that cannot be read any more, made again from the actor's journal: only when asked, and visible
// in the journal from then on (F16).

import { actorRef, effect } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, createMachine, setup } from 'xstate';
import { codeOf, collect } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';

const charge = effect<unknown, unknown>({ timeout: '1h' });

const order = setup({
  types: {
    context: {} as { readonly lines: readonly string[] },
    events: {} as { type: 'ADD'; name: string } | { type: 'PAY' } | { type: 'WAIT' },
  },
  actors: { charge },
}).createMachine({
  id: 'order',
  context: { lines: [] },
  initial: 'open',
  states: {
    open: {
      on: {
        ADD: {
          actions: assign({ lines: ({ context, event }) => [...context.lines, event.name] }),
        },
        PAY: 'paying',
        WAIT: 'waiting',
      },
    },
    paying: { invoke: { id: 'pay', src: 'charge', onDone: 'paid' } },
    waiting: { after: { 60000: 'expired' } },
    paid: {},
    expired: {},
  },
});

/** A world whose order was left behind by a crash, its row damaged since. */
async function damaged(
  event: 'PAY' | 'WAIT',
  handler: ScriptedHandler = new ScriptedHandler(),
): Promise<EngineWorld> {
  const world = await openWorld({ machines: [order], handlers: { charge: handler.run } });
  const actor = await world.engine.start(order, { id: 'o' });
  await actor.send({ type: 'ADD', name: 'tea' });
  await actor.send({ type: event });
  await world.time.settle();
  await world.abandon();
  damage(world);
  await world.open();
  return world;
}

function damage({ contents }: EngineWorld): void {
  const { address } = actorRef('o');
  const row = contents.actors.get(address);
  if (row === undefined) throw new Error('There is nothing to damage.');
  contents.actors.set(address, { ...row, snapshot: '{"status":"act', pending: '{' });
}

describe('rebuild', () => {
  it('makes a broken row again from the journal, and notes it there', async () => {
    await using world = await damaged('WAIT');
    const { engine } = world;
    const actor = engine.actor(order, 'o');
    expect(await codeOf(actor.send({ type: 'PAY' }))).toBe('ACTOR_PARKED');
    await engine.rebuild('o');
    const snapshot = await actor.snapshot();
    expect(snapshot).toMatchObject({ status: 'active', value: 'waiting', revision: 4 });
    expect(snapshot.context).toEqual({ lines: ['tea'] });
    const [note] = (await collect(actor.history())).slice(-1);
    expect(note).toMatchObject({
      kind: 'noted',
      type: 'actor.rebuilt',
      data: { machine: 'order', machineVersion: '1', reason: expect.stringContaining('JSON') },
    });
    expect(await engine.verify()).toMatchObject({ actors: 1, mismatches: [], unverifiable: [] });
    expect(await engine.health()).toMatchObject({ level: 'green' });
  });

  it('lets timers go on at their old due times', async () => {
    await using world = await damaged('WAIT');
    await world.engine.rebuild('o');
    await world.time.advance(59_000);
    expect((await world.engine.actor(order, 'o').snapshot()).value).toBe('waiting');
    await world.time.advance(1_000);
    expect((await world.engine.actor(order, 'o').snapshot()).value).toBe('expired');
    await world.restart('abandon');
    expect((await world.engine.actor(order, 'o').snapshot()).value).toBe('expired');
  });

  it('runs an unsettled effect again under its old key', async () => {
    const handler = new ScriptedHandler();
    await using world = await damaged('PAY', handler);
    expect(handler.calls).toHaveLength(1);
    await world.engine.rebuild('o');
    await world.time.settle();
    expect(handler.calls.map(({ key }) => key)).toEqual(['o@3:pay', 'o@3:pay']);
    expect(await world.effects('o')).toMatchObject({ pay: { maybeRan: true } });
    handler.last.resolve();
    await world.time.settle();
    expect((await world.engine.actor(order, 'o').snapshot()).value).toBe('paid');
  });

  it('keeps the children, and the news that came while the row could not be read', async () => {
    const child = setup({ types: { events: {} as { type: 'END' } } }).createMachine({
      id: 'child',
      initial: 'alive',
      states: { alive: { on: { END: 'ended' } }, ended: { type: 'final' } },
    });
    const parent = setup({ actors: { child } }).createMachine({
      id: 'parent',
      initial: 'waiting',
      states: { waiting: { invoke: { id: 'kid', src: 'child', onDone: 'told' } }, told: {} },
    });
    await using world = await openWorld({ machines: [parent] });
    await world.engine.start(parent, { id: 'o' });
    await world.abandon();
    damage(world);
    await world.open();
    await world.engine.actor(child, 'o/kid').send({ type: 'END' });
    await world.engine.rebuild('o');
    const [letter] = await world.deadLetters();
    expect(letter).toMatchObject({ reason: 'UNDELIVERABLE', actor: 'o' });
    await world.engine.deadLetters.retry(letter?.id ?? 0);
    expect((await world.engine.actor(parent, 'o').snapshot()).value).toBe('told');
  });

  it('is folded from again: earlier and later revisions can be read', async () => {
    await using world = await damaged('WAIT');
    await world.engine.rebuild('o');
    await world.time.advance(60_000);
    const actor = world.engine.actor(order, 'o');
    const values: unknown[] = [];
    for (const revision of [1, 2, 3, 4, 5]) values.push((await actor.at(revision)).value);
    expect(values).toEqual(['open', 'open', 'waiting', 'waiting', 'expired']);
  });

  it('refuses an actor whose row can be read, one that is not there, and one whose machine is unknown', async () => {
    await using world = await openWorld({
      machines: [order],
      handlers: { charge: new ScriptedHandler().run },
    });
    await world.engine.start(order, { id: 'o' });
    expect(await codeOf(world.engine.rebuild('o'))).toBe('BAD_OPTION');
    expect(await codeOf(world.engine.rebuild('nobody'))).toBe('ACTOR_NOT_FOUND');
    await world.restart('stop', { machines: [createMachine({ id: 'other' })], handlers: {} });
    expect(await codeOf(world.engine.rebuild('o'))).toBe('JOURNAL_NOT_FOLDABLE');
    expect(await world.row('o')).toMatchObject({ status: 'parked', revision: 1 });
  });

  it('keeps the names of children: what is read by them afterwards folds to what is stored', async () => {
    const child = createMachine({ id: 'child' });
    const reader = setup({
      types: {
        context: {} as { readonly found: readonly string[] },
        events: {} as { readonly type: 'LOOK' | 'LEAVE' },
      },
      actors: { child },
    }).createMachine({
      id: 'reader',
      context: { found: [] },
      initial: 'with',
      on: {
        LOOK: {
          actions: assign({
            found: ({ context, system }) => [
              ...context.found,
              system.get('named') === undefined ? 'nobody' : 'somebody',
            ],
          }),
        },
      },
      states: {
        with: { invoke: { id: 'kid', src: 'child', systemId: 'named' }, on: { LEAVE: 'without' } },
        without: {},
      },
    });
    await using world = await openWorld({ machines: [reader] });
    await world.engine.start(reader, { id: 'o' });
    await world.abandon();
    damage(world);
    await world.open();
    await world.engine.rebuild('o');
    const actor = world.engine.actor(reader, 'o');
    await actor.send({ type: 'LOOK' });
    await actor.send({ type: 'LEAVE' });
    await actor.send({ type: 'LOOK' });
    expect((await actor.snapshot()).context.found).toEqual(['somebody', 'nobody']);
    const report = await world.engine.verify();
    expect(report).toMatchObject({ mismatches: [], unverifiable: [] });
  });
});
