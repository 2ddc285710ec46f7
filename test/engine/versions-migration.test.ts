// Actors in flight go over to another version when the engine opens: their states, timers, effects and
// children together, or not at all.

import {
  effect,
  type MigratedActor,
  type MigratingActor,
  type Migration,
  migration,
} from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, createMachine, setup } from 'xstate';
import { collect, errorOf } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { first, migrations, orderToSecond, second, toSecond } from './versioned-orders.ts';

const both = ['memory', 'sqlite'] as const;

async function started(
  on: (typeof both)[number],
  events: readonly ('HIRE' | 'PAY' | 'TELL' | 'WAIT')[],
  handler: ScriptedHandler = new ScriptedHandler(),
): Promise<EngineWorld> {
  const world = await openWorld({ on, machines: [first], handlers: { charge: handler.run } });
  const actor = await world.engine.start(first, { id: 'o' });
  for (const type of events) await actor.send({ type });
  await world.time.settle();
  return world;
}

/** The same migration with another result. */
function changed(change: (result: MigratedActor) => MigratedActor): Migration {
  return migration<{ readonly total: number }>({
    machine: 'order',
    from: '1',
    to: '2',
    migrate: (actor) => change(toSecond(actor)),
  });
}

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

describe('a migration that fails', () => {
  async function failing(
    events: Parameters<typeof started>[1],
    change: (result: MigratedActor) => MigratedActor,
  ): Promise<{ readonly message: string; readonly world: EngineWorld }> {
    const world = await started('memory', events);
    const before = await world.row('o');
    const engine = await world.restart('abandon', {
      machines: [first, second],
      migrations: [changed(change)],
    });
    expect(engine.migrated).toEqual({ migrated: 0, parked: 1 });
    expect(await world.row('o')).toEqual({
      ...before,
      status: 'parked',
      running: false,
      wakeAt: null,
    });
    const error = await errorOf(engine.actor(second, 'o').snapshot());
    expect(error.code).toBe('ACTOR_PARKED');
    return { message: error.message, world };
  }

  it.each<
    [
      what: string,
      events: Parameters<typeof started>[1],
      change: (result: MigratedActor) => MigratedActor,
      words: readonly string[],
    ]
  >([
    ['throws', [], boom, ['version 1 to 2', 'failed: boom']],
    ['names a state that is not there', [], (to) => ({ ...to, value: 'NOWHERE' }), ['NOWHERE']],
    ['gives a value that is none', [], (to) => ({ ...to, value: 5 as never }), ['"order"']],
    [
      'gives what JSON would change',
      [],
      (to) => ({ ...to, context: { at: new Date(0) } }),
      ['Date', '.context.at'],
    ],
    ['gives no timers', [], ({ timers: _timers, ...to }) => to as never, ['timers']],
    ['gives a promise', [], (to) => Promise.resolve(to) as never, ['Promise']],
    ['gives more than it should', [], (to) => ({ ...to, contxt: 1 }) as never, ['contxt']],
    [
      'leaves a timer under its old name',
      ['WAIT'],
      (to) => ({
        ...to,
        timers: [{ ...to.timers[0], id: 'xstate.after.60000.order.WAITING' } as never],
      }),
      ['leaves over', 'timer "xstate.after.60000.order.WAITING"', '"IDLE"'],
    ],
    [
      'leaves an effect and its child under their old name',
      ['PAY'],
      (to) => ({
        ...to,
        effects: to.effects.map((call) => ({ ...call, id: '0.order.PAYING' })),
        children: to.children.map((child) => ({ ...child, id: '0.order.PAYING' })),
      }),
      ['effect "0.order.PAYING"'],
    ],
    [
      'leaves an effect without its state',
      ['PAY'],
      (to) => ({ ...to, value: 'NEW' }),
      ['timer "xstate.after.60000.order.CHARGING"', 'effect "0.order.CHARGING"'],
    ],
    [
      'renames an effect and not its child',
      ['PAY'],
      (to) => ({ ...to, children: to.children.map((child) => ({ ...child, id: 'other' })) }),
      ['effect "0.order.CHARGING" needs its active child'],
    ],
    [
      'forgets an effect and not its child',
      ['PAY'],
      (to) => ({ ...to, effects: [] }),
      ['child "0.order.CHARGING" is active'],
    ],
    [
      'changes an input',
      ['PAY'],
      (to) => ({
        ...to,
        effects: to.effects.map((call) => ({ ...call, input: { amountMinor: 1 } })),
      }),
      ['keeps its kind, its key and its input'],
    ],
    [
      'changes a key',
      ['PAY'],
      (to) => ({ ...to, effects: to.effects.map((call) => ({ ...call, key: 'mine' })) }),
      ['keeps its kind, its key and its input'],
    ],
    [
      'changes a due time',
      ['WAIT'],
      (to) => ({ ...to, timers: to.timers.map((timer) => ({ ...timer, dueAt: 5 })) }),
      ['keeps its dueAt'],
    ],
    [
      'doubles a timer',
      ['WAIT'],
      (to) => ({ ...to, timers: [...to.timers, ...to.timers] }),
      ['two of timer'],
    ],
    [
      'takes one timer for two',
      ['WAIT'],
      (to) => ({
        ...to,
        timers: [...to.timers, ...to.timers.map((timer) => ({ ...timer, id: 'b' }))],
      }),
      ['another one is too'],
    ],
    [
      'makes up a past',
      [],
      (to) => ({ ...to, timers: [{ was: 'x', id: 'y', dueAt: 1 }] }),
      ['there is none of'],
    ],
    [
      'makes up a child',
      [],
      (to) => ({ ...to, children: [{ id: 'y', src: 'worker', kind: 'actor', status: 'active' }] }),
      ['only effects can be new'],
    ],
    [
      'renames a child actor',
      ['HIRE'],
      (to) => ({ ...to, children: to.children.map((child) => ({ ...child, id: 'other' })) }),
      ['its id is its address'],
    ],
    ['ends the actor', [], (to) => ({ ...to, value: 'CHARGED' }), ['an end of the machine']],
    [
      'remembers a state that is gone',
      [],
      (to) => ({ ...to, history: { 'order.h': ['order.PENDING'] } }),
      ['history "order.h"'],
    ],
  ])(
    'parks its actor, unchanged, with the reason: one that %s',
    async (_what, events, change, words) => {
      const { message, world } = await failing(events, change);
      await using _ = world;
      for (const word of words) expect(message).toContain(word);
    },
  );

  it('is no obstacle for others, and is made up for by a better one', async () => {
    await using world = await started('memory', ['PAY']);
    await world.engine.start(first, { id: 'p' });
    const picky = changed((to) => (to.effects.length > 0 ? boom() : to));
    const engine = await world.restart('abandon', {
      machines: [first, second],
      migrations: [picky],
    });
    expect(engine.migrated).toEqual({ migrated: 1, parked: 1 });
    expect((await engine.actor(second, 'p').snapshot()).value).toBe('NEW');
    // Nothing runs of what is parked.
    await world.time.advance(60_000);
    expect(await world.row('o')).toMatchObject({ status: 'parked', machineVersion: '1' });
    const better = await world.restart('stop', {
      migrations: [orderToSecond, ...migrations.slice(1)],
    });
    expect(better.migrated).toEqual({ migrated: 1, parked: 0 });
    expect(await world.row('o')).toMatchObject({ status: 'active', machineVersion: '2' });
    await world.time.advance(0);
    expect((await better.actor(second, 'o').snapshot()).value).toBe('EXPIRED');
  });

  it('is made up for by doing without it: its actor goes on in its own version', async () => {
    await using world = await started('memory', ['WAIT']);
    await world.restart('abandon', { machines: [first, second], migrations: [changed(boom)] });
    const engine = await world.restart('stop', { migrations: [] });
    expect(engine.recovered.released).toBe(1);
    await world.time.advance(60_000);
    expect(await engine.actor(first, 'o').snapshot()).toMatchObject({
      value: 'LATE',
      machineVersion: '1',
    });
  });

  it('is counted once at each open, also beside others that were parked before', async () => {
    await using world = await started('memory', []);
    const options = { machines: [first, second], migrations: [changed(boom)] };
    const engine = await world.restart('stop', options);
    // Its own version can still be started, and waits for the next open.
    await engine.start(first, { id: 'p' });
    expect((await world.row('p')).status).toBe('active');
    const next = await world.restart('stop');
    expect(next.migrated).toEqual({ migrated: 0, parked: 2 });
  });

  it('is told to the logger, and to health', async () => {
    await using world = await started('memory', []);
    const told: unknown[] = [];
    const logger = {
      info: () => undefined,
      warn: () => undefined,
      error: (_message: string, fields: object) => told.push(fields),
    };
    const engine = await world.restart('stop', {
      machines: [second],
      migrations: [changed(boom)],
      logger,
    });
    expect(told).toMatchObject([{ actor: 'o', error: { code: 'MIGRATION_FAILED' } }]);
    expect((await engine.health()).problems).toContain('1 actor is parked.');
  });

  it('parks when its result is too large to be stored', async () => {
    await using world = await started('memory', []);
    const engine = await world.restart('stop', {
      machines: [second],
      limits: { snapshotLength: 2_000 },
      migrations: [changed((to) => ({ ...to, context: { text: 'x'.repeat(3_000) } }))],
    });
    expect(engine.migrated.parked).toBe(1);
    const error = await errorOf(engine.actor(second, 'o').snapshot());
    expect(error.message).toContain('2000 characters');
  });

  it('leaves the engine unopened, and everything as it was, when the store is full', async () => {
    await using world = await started('memory', []);
    const before = await world.row('o');
    await world.abandon();
    const opening = world.openFull({ machines: [second], migrations });
    expect((await errorOf(opening)).code).toBe('STORE_FULL');
    const engine = await world.open({ machines: [first], migrations: [] });
    expect(await world.row('o')).toEqual(before);
    expect((await engine.actor(first, 'o').snapshot()).value).toBe('PENDING');
  });
});

function boom(): never {
  throw new Error('boom');
}

describe('what a migration may add', () => {
  it('is a timer, with an event of its own or of after', async () => {
    await using world = await started('memory', []);
    const dueAt = world.time.now + 5_000;
    const engine = await world.restart('stop', {
      machines: [second],
      migrations: [
        changed((to) => ({
          ...to,
          timers: [
            { id: 'nudge', dueAt, event: { type: 'WAIT' } },
            { id: 'later', dueAt: dueAt + 1_000, event: { type: 'NOBODY' } },
          ],
        })),
      ],
    });
    await world.time.advance(5_000);
    expect((await engine.actor(second, 'o').snapshot()).value).toBe('IDLE');
  });

  it('is an effect, called once the migration is on disk', async () => {
    const handler = new ScriptedHandler();
    await using world = await started('memory', [], handler);
    const into = changed((to) => ({
      ...to,
      value: 'CHARGING',
      timers: [{ id: 'xstate.after.60000.order.CHARGING', dueAt: world.time.now + 60_000 }],
      effects: [{ id: '0.order.CHARGING', src: 'charge', input: { amountMinor: 3 } }],
    }));
    const engine = await world.restart('stop', { machines: [second], migrations: [into] });
    await world.time.settle();
    expect(handler.calls).toMatchObject([
      { key: 'o@2:0.order.CHARGING', input: { amountMinor: 3 } },
    ]);
    handler.last.resolve('r');
    await world.time.settle();
    expect((await engine.actor(second, 'o').snapshot()).value).toBe('CHARGED');
  });

  it('is told when it is missing: a timer or an invoke that its new state has', async () => {
    await using world = await started('memory', []);
    const told: object[] = [];
    const logger = {
      info: () => undefined,
      warn: (_message: string, fields: object) => told.push(fields),
      error: () => undefined,
    };
    await world.restart('stop', {
      machines: [second],
      migrations: [changed((to) => ({ ...to, value: 'IDLE' }))],
      logger,
    });
    expect(told).toMatchObject([{ missing: 'timer "xstate.after.60000.order.IDLE" of o' }]);
  });
});

describe('what a migration may drop', () => {
  it('is an effect, with its child; what comes of it is not waited for', async () => {
    const handler = new ScriptedHandler();
    await using world = await started('memory', ['PAY'], handler);
    const engine = await world.restart('abandon', {
      machines: [second],
      migrations: [
        changed((to) => ({ ...to, value: 'NEW', timers: [], effects: [], children: [] })),
      ],
    });
    await world.time.advance(120_000);
    expect(handler.calls).toHaveLength(1);
    expect(await engine.actor(second, 'o').snapshot()).toMatchObject({
      value: 'NEW',
      timers: [],
      effects: [],
    });
  });
});

describe('what a migration may replace', () => {
  const payer = (version: string, id: string) =>
    setup({ actors: { charge: effect<unknown, string>({ key: () => 'payment' }) } }).createMachine({
      id: 'payer',
      version,
      initial: 'PAYING',
      states: { PAYING: { invoke: { src: 'charge', id, onDone: 'PAID' } }, PAID: {} },
    });

  it('is an effect under its own key by another one, which is in doubt about it', async () => {
    const handlers = { charge: new ScriptedHandler().run };
    const world = await openWorld({ machines: [payer('1', 'pay')], handlers });
    await using _ = world;
    await world.engine.start('payer', { id: 'p' });
    await world.time.settle();
    const replace = migration({
      machine: 'payer',
      from: '1',
      to: '2',
      migrate: (actor: MigratingActor) => ({
        ...actor,
        effects: [{ id: 'settle', src: 'charge' }],
        children: [],
      }),
    });
    await world.restart('abandon', { machines: [payer('2', 'settle')], migrations: [replace] });
    expect(await world.effects('p')).toMatchObject({
      settle: { key: 'p:payment', maybeRan: true },
    });
  });
});

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
