// Several versions of one machine side by side: which one new actors take, and that those in flight stay
// with theirs.

import { virtual } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { codeOf, collect, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

const events = {} as { readonly type: 'GO' } | { readonly type: 'ADD' };

/** Each version goes to a state of its own. */
function version<Version extends string>(text: Version) {
  const child = setup({ types: { events } }).createMachine({
    id: 'child',
    version: 'its own',
    initial: 'idle',
    states: { idle: { on: { GO: 'gone' } }, gone: { type: 'final' } },
  });
  return setup({ types: { events }, actors: { child } }).createMachine({
    id: 'order',
    version: text,
    initial: 'PENDING',
    states: {
      PENDING: { on: { GO: 'GONE', ADD: 'WITH_CHILD' } },
      GONE: { meta: { version: text } },
      WITH_CHILD: { invoke: { id: 'kid', src: 'child' } },
      ENDED: { type: 'final' },
    },
  });
}

const [v1, v2, v10] = [version('1'), version('2'), version('10')];
const end = setup({ types: { events } }).createMachine({
  id: 'order',
  version: '1',
  initial: 'PENDING',
  states: { PENDING: { on: { GO: 'ENDED' } }, ENDED: { type: 'final' } },
});

describe.each(['memory', 'sqlite'] as const)('versions of one machine, in %s', (on) => {
  it('are numbers to a start by id: the newest is taken', async () => {
    await using world = await openWorld({ on, machines: [v2, v10, v1] });
    const actor = await world.engine.start('order', { id: 'o' });
    expect((await actor.snapshot()).machineVersion).toBe('10');
    expect(await codeOf(world.engine.start('no-such', { id: 'x' }))).toBe('MACHINE_UNKNOWN');
  });

  it('are each started by their own object', async () => {
    await using world = await openWorld({ on, machines: [v1, v2, v10] });
    for (const machine of [v10, v1, v2]) {
      const { version: text = '' } = machine;
      const actor = await world.engine.start(machine, { id: `o${text}` });
      expect((await actor.snapshot()).machineVersion).toBe(text);
    }
  });

  it('hold their actors in flight: a newer one changes nothing for them', async () => {
    await using world = await openWorld({ on, machines: [v1] });
    await world.engine.start(v1, { id: 'o' });
    const engine = await world.restart('abandon', { machines: [v1, v2] });
    const actor = engine.actor(v1, 'o');
    await actor.send({ type: 'ADD' });
    expect(await actor.snapshot()).toMatchObject({ machineVersion: '1', value: 'WITH_CHILD' });
    expect((await world.row('o/kid')).machineVersion).toBe('1');
    const attached = await engine.start(v2, { id: 'o', ifExists: 'attach' });
    expect(attached.created).toBe(false);
    expect((await attached.snapshot()).machineVersion).toBe('1');
  });

  it('give their own to children, whatever version a child machine names', async () => {
    await using world = await openWorld({ on, machines: [v1, v2] });
    for (const machine of [v1, v2]) {
      const actor = await world.engine.start(machine, { id: `o${machine.version ?? ''}` });
      await actor.send({ type: 'ADD' });
    }
    expect((await world.row('o1/kid')).machineVersion).toBe('1');
    expect((await world.row('o2/kid')).machineVersion).toBe('2');
  });

  it('may be virtual in the newest, while older actors go on', async () => {
    await using world = await openWorld({ on, machines: [v1] });
    await world.engine.start(v1, { id: 'v-1' });
    const machines = [v1, virtual(v2, { prefix: 'v-' })];
    const engine = await world.restart('stop', { machines });
    await engine.actor(v1, 'v-1').send({ type: 'GO' });
    await engine.actor(v2, 'v-2').send({ type: 'GO' });
    const found = await collect(engine.list({ machine: 'order' }));
    expect(found.map(({ id, machineVersion }) => `${id} ${machineVersion}`)).toEqual([
      'v-1 1',
      'v-2 2',
    ]);
  });

  it('park what is in flight when they are gone, and release it when they are back', async () => {
    await using world = await openWorld({ on, machines: [v1] });
    const actor = await world.engine.start(v1, { id: 'o' });
    await actor.send({ type: 'ADD' });
    const without = await world.restart('stop', { machines: [v2] });
    const error = await errorOf(without.actor(v2, 'o').send({ type: 'GO' }));
    expect(error.code).toBe('ACTOR_PARKED');
    expect(error.message).toContain('"order" version 1');
    expect(await world.row('o')).toMatchObject({ status: 'parked', state: 'WITH_CHILD' });
    const back = await world.restart('stop', { machines: [v1, v2] });
    expect(back.recovered.released).toBe(1);
    expect(await world.row('o')).toMatchObject({ status: 'active', machineVersion: '1' });
    expect(await back.actor(v1, 'o').send({ type: 'GO' })).toMatchObject({ status: 'rejected' });
  });

  it('are not needed any more to read what has ended', async () => {
    await using world = await openWorld({ on, machines: [end] });
    const actor = await world.engine.start(end, { id: 'o' });
    await actor.send({ type: 'GO' });
    const engine = await world.restart('stop', { machines: [v2] });
    const snapshot = await engine.actor(v2, 'o').snapshot();
    expect(snapshot).toMatchObject({ status: 'done', value: 'ENDED', machineVersion: '1' });
    expect(snapshot.matches('ENDED')).toBe(true);
    expect(snapshot.matches('PENDING')).toBe(false);
    expect(await engine.actor(v2, 'o').send({ type: 'GO' })).toMatchObject({ status: 'rejected' });
    expect(await world.row('o')).toMatchObject({ status: 'done' });
    expect((await engine.health()).level).toBe('green');
  });
});
