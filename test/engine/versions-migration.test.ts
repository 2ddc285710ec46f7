// Actors in flight go over to another version when the engine opens: their states, timers, effects and
// children together, or not at all.

import { effect, type MigratingActor, type Migration, migration } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, createMachine, setup } from 'xstate';
import { collect, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { first, migrations, orderToSecond, second, started } from './versioned-orders.ts';

const both = ['memory', 'sqlite'] as const;

describe.each(both)('a migration, in %s', (on) => {
  it('brings an actor over with state and context, and its life goes on', async () => {
    await using world = await started(on, []);
    const engine = await world.restart('abandon', { machines: [second], migrations });
    expect(engine.migrated).toEqual({ migrated: 1, parked: 0 });
    const actor = engine.actor(second, 'o');
    expect(await actor.snapshot()).toMatchObject({
      machineVersion: '2',
      value: 'NEW',
      context: { amountMinor: 1_200 },
      revision: 2,
    });
    await actor.send({ type: 'WAIT' });
    expect((await actor.snapshot()).value).toBe('IDLE');
  });

  it('is journaled with versions and the whole resulting actor', async () => {
    await using world = await started(on, ['WAIT']);
    const engine = await world.restart('stop', { machines: [second], migrations });
    const entry = (await collect(engine.actor(second, 'o').history())).at(-1);
    expect(entry).toMatchObject({
      kind: 'noted',
      type: 'actor.migrated',
      revision: 3,
      data: {
        from: '1',
        to: '2',
        machine: 'order',
        machineVersion: '2',
        snapshot: { value: 'IDLE', context: { amountMinor: 1_200 }, status: 'active' },
        pending: { timers: { 'xstate.after.60000.order.IDLE': {} } },
      },
    });
    const { snapshot, pending } = await world.row('o');
    const inRow = { snapshot: JSON.parse(snapshot), pending: JSON.parse(pending) };
    expect(entry?.data).toMatchObject(inRow);
  });

  it('keeps the due time of a timer, which fires under its new name', async () => {
    await using world = await started(on, ['WAIT']);
    await world.time.advance(20_000);
    const engine = await world.restart('abandon', { machines: [second], migrations });
    const actor = engine.actor(second, 'o');
    expect((await actor.snapshot()).timers).toMatchObject([
      {
        id: 'xstate.after.60000.order.IDLE',
        eventType: 'xstate.after.60000.order.IDLE',
        dueAt: world.time.now + 40_000,
      },
    ]);
    await world.time.advance(39_999);
    expect((await actor.snapshot()).value).toBe('IDLE');
    await world.time.advance(1);
    expect((await actor.snapshot()).value).toBe('EXPIRED');
  });

  it('lets a timer that fell due meanwhile fire after it, in the new version', async () => {
    await using world = await started(on, ['WAIT']);
    await world.abandon();
    await world.time.advance(100_000);
    const engine = await world.open({ machines: [second], migrations });
    await world.time.advance(0);
    expect((await engine.actor(second, 'o').snapshot()).value).toBe('EXPIRED');
  });

  it('keeps key and input of an effect in flight, which goes on after it', async () => {
    const handler = new ScriptedHandler();
    await using world = await started(on, ['PAY'], handler);
    const engine = await world.restart('abandon', { machines: [second], migrations });
    await world.time.settle();
    expect(handler.calls.map(({ key, input, attempt }) => ({ key, input, attempt }))).toEqual([
      { key: 'o@2:0.order.PAYING', input: { amountMinor: 1_200 }, attempt: 1 },
      { key: 'o@2:0.order.PAYING', input: { amountMinor: 1_200 }, attempt: 2 },
    ]);
    handler.last.resolve('receipt');
    const actor = engine.actor(second, 'o');
    await world.time.settle();
    expect(await actor.snapshot()).toMatchObject({
      status: 'done',
      value: 'CHARGED',
      context: { amountMinor: 1_200, paid: 'receipt' },
    });
    expect(await world.deadLetters()).toEqual([]);
  });

  it('happens once: the next opens find nothing to do', async () => {
    await using world = await started(on, ['WAIT']);
    await world.restart('stop', { machines: [second], migrations });
    const before = await world.row('o');
    const engine = await world.restart('stop');
    expect(engine.migrated).toEqual({ migrated: 0, parked: 0 });
    expect(await world.row('o')).toEqual(before);
  });

  it('leaves alone what has ended, and other versions and machines', async () => {
    const third = createMachine({ id: 'order', version: '3', initial: 'X', states: { X: {} } });
    const other = createMachine({ id: 'other', version: '1', initial: 'X', states: { X: {} } });
    await using world = await openWorld({
      on,
      machines: [first, third, other],
      handlers: { charge: async () => 'receipt' },
    });
    const done = await world.engine.start(first, { id: 'done' });
    await done.send({ type: 'PAY' });
    await world.time.settle();
    await world.engine.start(first, { id: 'stopped' });
    await world.engine.actor(first, 'stopped').stop();
    await world.engine.start(third, { id: 'third' });
    await world.engine.start(other, { id: 'other' });
    const ids = ['done', 'stopped', 'third', 'other'];
    const before = await Promise.all(ids.map((id) => world.row(id)));
    expect(before.map(({ status }) => status)).toEqual(['done', 'stopped', 'active', 'active']);
    await world.restart('stop', { machines: [second, third, other], migrations });
    expect(await Promise.all(ids.map((id) => world.row(id)))).toEqual(before);
  });

  it('brings over more actors than a page holds', async () => {
    await using world = await openWorld({
      on,
      machines: [first],
      handlers: { charge: async () => 'receipt' },
    });
    const ids = Array.from({ length: 1_203 }, (_, index) => `o${index}`);
    await Promise.all(ids.map((id) => world.engine.start(first, { id })));
    const lines: unknown[] = [];
    const logger = {
      info: (_message: string, fields: object) => lines.push(fields),
      warn: () => undefined,
      error: () => undefined,
    };
    const options = { machines: [second], migrations, logger };
    const engine = await world.restart('stop', options);
    expect(engine.migrated).toEqual({ migrated: 1_203, parked: 0 });
    expect(lines).toMatchObject([{ migrated: 500 }, { migrated: 1_000 }, { migrated: 1_203 }]);
    const versions = (await collect(engine.list())).map(({ machineVersion }) => machineVersion);
    expect(new Set(versions)).toEqual(new Set(['2']));
  });
});

describe.each(both)('a crash in the middle of migrating, in %s', (on) => {
  it('loses nothing: the next open goes on where it was', async () => {
    await using world = await openWorld({
      on,
      machines: [first],
      handlers: { charge: async () => 'receipt' },
      limits: { batch: 10 },
    });
    const ids = Array.from({ length: 50 }, (_, index) => `o${index}`);
    await Promise.all(ids.map((id) => world.engine.start(first, { id })));
    await world.abandon();
    const opening = world.openUntilCommit(3, { machines: [second], migrations });
    await opening;
    const engine = await world.open({ machines: [second], migrations });
    const { migrated } = engine.migrated;
    expect(migrated).toBeGreaterThan(0);
    expect(migrated).toBeLessThan(50);
    const found = await collect(engine.list());
    expect(found.map(({ machineVersion, revision }) => `${machineVersion} ${revision}`)).toEqual(
      ids.map(() => '2 2'),
    );
    const entries = await collect(engine.events());
    expect(entries.filter(({ type }) => type === 'actor.migrated')).toHaveLength(50);
  });
});

describe('a chain of migrations', () => {
  const third = setup({ types: { context: {} as { readonly minor: string } } }).createMachine({
    id: 'order',
    version: '3',
    context: { minor: '' },
    initial: 'OPEN',
    states: { OPEN: {}, RESTING: { after: { 60000: 'GONE' } }, GONE: {} },
  });
  const secondToThird = migration<{ readonly amountMinor: number }>({
    machine: 'order',
    from: '2',
    to: '3',
    migrate: (actor) => ({
      ...actor,
      value: actor.value === 'NEW' ? 'OPEN' : 'RESTING',
      context: { minor: String(actor.context.amountMinor) },
      timers: actor.timers.map((timer) => ({ ...timer, id: 'xstate.after.60000.order.RESTING' })),
    }),
  });

  it('is taken in one go; versions on the way need not be registered', async () => {
    await using world = await started('memory', ['WAIT']);
    const due = JSON.parse((await world.row('o')).pending).timers[
      'xstate.after.60000.order.WAITING'
    ];
    const engine = await world.restart('stop', {
      machines: [third],
      handlers: {},
      migrations: [secondToThird, orderToSecond],
    });
    const actor = engine.actor(third, 'o');
    expect(await actor.snapshot()).toMatchObject({
      value: 'RESTING',
      machineVersion: '3',
      context: { minor: '1200' },
      revision: 3,
      timers: [{ dueAt: due.dueAt }],
    });
    expect(await world.history('o')).toEqual([
      'started xstate.init',
      'received WAIT',
      'noted actor.migrated',
    ]);
    await world.time.advance(60_000);
    expect((await actor.snapshot()).value).toBe('GONE');
  });

  it.each<[what: string, migrations: readonly Migration[], words: string]>([
    ['goes round in a circle', [orderToSecond, step('2', '1')], 'circle'],
    ['starts twice from one version', [orderToSecond, step('1', '3')], 'second one'],
    ['leads nowhere', [step('1', '7')], 'version 7, which is not registered'],
    ['is of an unknown machine', [step('1', '2', 'ordre')], 'no registered machine'],
    ['is of a child alone', [step('1', '2', 'order/worker')], 'its root'],
  ])('is refused at open when it %s', async (_what, given, words) => {
    await using world = await started('memory', []);
    await world.stop();
    const error = await errorOf(world.open({ machines: [second], migrations: given }));
    expect(error.code).toBe('BAD_OPTION');
    expect(error.message).toContain(words);
    expect(world.contents.held).toBe(false);
  });
});

function step(from: string, to: string, machine = 'order'): Migration {
  return migration({ machine, from, to, migrate: (actor) => actor });
}

describe('what was under way when ids were renamed', () => {
  const strict = (version: string, state: string, isMended: boolean) =>
    setup({
      types: { context: {} as { readonly got: string }, events: {} as { readonly type: 'GO' } },
      actors: { charge: effect<unknown, string>({ timeout: '1h' }) },
      actions: {
        note: assign({
          got: ({ event }) => {
            if (!isMended) throw new Error('a bug in version 1');
            return String((event as { output?: unknown }).output);
          },
        }),
      },
    }).createMachine({
      id: 'strict',
      version,
      context: { got: '' },
      initial: 'A',
      states: {
        A: { on: { GO: state } },
        [state]: { invoke: { src: 'charge', onDone: { target: 'END', actions: 'note' } } },
        END: {},
      },
    });
  const [broken, mended] = [strict('1', 'CALLING', false), strict('2', 'ASKING', true)];
  const mend = migration({
    machine: 'strict',
    from: '1',
    to: '2',
    migrate: (actor: MigratingActor) => ({
      ...actor,
      value: 'ASKING',
      effects: actor.effects.map((call) => ({ ...call, id: '0.strict.ASKING' })),
      children: actor.children.map((child) => ({ ...child, id: '0.strict.ASKING' })),
    }),
  });

  it('finds its effect: a failed actor goes on in the version that mends it, by its letter', async () => {
    const handler = new ScriptedHandler();
    await using world = await openWorld({ machines: [broken], handlers: { charge: handler.run } });
    const actor = await world.engine.start(broken, { id: 's' });
    await actor.send({ type: 'GO' });
    await world.time.settle();
    handler.last.resolve('paid');
    await world.time.settle();
    expect((await actor.snapshot()).status).toBe('error');
    const engine = await world.restart('stop', { machines: [mended], migrations: [mend] });
    expect(engine.migrated).toEqual({ migrated: 1, parked: 0 });
    expect(await world.row('s')).toMatchObject({ status: 'error', machineVersion: '2' });
    const [letter] = await world.deadLetters();
    await engine.deadLetters.retry(letter?.id ?? 0);
    expect(await engine.actor(mended, 's').snapshot()).toMatchObject({
      status: 'active',
      value: 'END',
      context: { got: 'paid' },
    });
    await world.time.settle();
    expect(handler.calls).toHaveLength(1);
    expect(await world.deadLetters()).toEqual([]);
  });
});
