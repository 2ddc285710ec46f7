// Opening an engine: machines that cannot be hosted are refused by name before the store is touched.

import { type EngineOptions, effect, openEngine } from 'sagawright';
import { memoryContents, memoryStore } from 'sagawright/store';
import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  createMachine,
  fromCallback,
  fromObservable,
  fromPromise,
  setup,
} from 'xstate';
import { codeOf, collect, errorOf, thrownBy } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';

const callback = fromCallback(() => undefined);
const observable = fromObservable(
  () =>
    ({
      subscribe: () => ({ unsubscribe: () => undefined }),
    }) as never,
);

async function refusalOf(
  machines: readonly AnyStateMachine[],
  options: Partial<EngineOptions> = {},
): Promise<Awaited<ReturnType<typeof errorOf>>> {
  const contents = memoryContents();
  const error = await errorOf(openEngine({ store: memoryStore(contents), machines, ...options }));
  expect(contents.held).toBe(false);
  expect(contents.machines.size).toBe(0);
  return error;
}

describe('a machine that cannot be hosted', () => {
  it.each([
    ['callback', callback],
    ['observable', observable],
  ])('is refused with the name of the actor: %s logic', async (_what, logic) => {
    const machine = setup({ actors: { feed: logic as typeof callback } }).createMachine({
      id: 'listener',
      initial: 'on',
      states: { on: { invoke: { src: 'feed' } } },
    });
    const error = await refusalOf([machine]);
    expect(error.code).toBe('MACHINE_UNSUPPORTED');
    expect(error.message).toContain('"listener"');
    expect(error.message).toContain('the actor "feed"');
  });

  it('is refused with the name of the state when the logic is inline', async () => {
    const machine = createMachine({
      id: 'listener',
      initial: 'on',
      states: { on: { invoke: { id: 'feed', src: callback } } },
    });
    const error = await refusalOf([machine]);
    expect(error.code).toBe('MACHINE_UNSUPPORTED');
    expect(error.message).toContain('invoke "feed" in state "listener.on"');
  });

  it('is refused when it is a child of a child', async () => {
    const inner = setup({ actors: { feed: callback } }).createMachine({
      id: 'inner',
      invoke: { src: 'feed' },
    });
    const outer = setup({ actors: { inner } }).createMachine({
      id: 'outer',
      invoke: { src: 'inner' },
    });
    const error = await refusalOf([outer]);
    expect(error.message).toContain('"outer/inner"');
  });

  it('is refused when a name has neither logic nor a handler', async () => {
    const machine = createMachine({
      id: 'caller',
      initial: 'on',
      states: { on: { invoke: { src: 'nothing' } } },
    });
    const error = await refusalOf([machine]);
    expect(error.code).toBe('MACHINE_UNSUPPORTED');
    expect(error.message).toContain('"nothing"');
    const handlers = { nothing: async (): Promise<number> => 1 };
    const engine = await openEngine({ store: memoryStore(), machines: [machine], handlers });
    await engine.stop();
  });

  it('is refused when an action takes the prefix of XState', async () => {
    const machine = setup({ actions: { 'xstate.mine': () => undefined } }).createMachine({
      id: 'rude',
    });
    expect((await refusalOf([machine])).code).toBe('MACHINE_UNSUPPORTED');
  });
});

describe('the code of effects', () => {
  const inner = setup({ actors: { pay: effect() } }).createMachine({
    id: 'inner',
    initial: 'paying',
    states: { paying: { invoke: { id: 'call', src: 'pay' } } },
  });
  const outer = setup({ actors: { inner } }).createMachine({
    id: 'outer',
    invoke: { src: 'inner' },
  });

  it('is asked for at open, also for a child machine, by the names of effect and state', async () => {
    const error = await refusalOf([outer]);
    expect(error.code).toBe('BAD_OPTION');
    expect(error.message).toContain('the invoke "call" in state "inner.paying"');
    expect(error.details).toMatchObject({ machine: 'outer/inner', effect: 'pay' });
    const inline = createMachine({ id: 'inline', invoke: { src: effect() } });
    expect((await refusalOf([inline])).message).toContain('as second argument');
  });

  it.each<[where: string, machine: AnyStateMachine, handlers: EngineOptions['handlers']]>([
    ['the handlers', outer, { pay: async () => 1 }],
    ['the handlers, as an object', outer, { pay: { run: async () => 1 } }],
    [
      'the effect',
      inner.provide({ actors: { pay: effect<unknown, unknown>({}, async () => 1) } }),
      {},
    ],
    [
      'machine.provide',
      inner.provide({ actors: { pay: fromPromise(async () => 1) } as never }),
      {},
    ],
  ])('may come from %s', async (_where, machine, handlers = {}) => {
    const engine = await openEngine({ store: memoryStore(), machines: [machine], handlers });
    await engine.stop();
  });

  it('is refused under a name that no machine uses, with the names that there are', async () => {
    const handlers = { pay: async () => 1, pya: async () => 1 };
    const error = await refusalOf([outer], { handlers });
    expect(error.code).toBe('BAD_OPTION');
    expect(error.message).toContain('"pya", which no registered machine uses');
    expect(error.message).toContain('Effects are pay.');
  });

  it.each([
    ['a text', 'charge'],
    ['nothing', undefined],
    ['an object without run', { reconcile: async () => 'unknown' }],
    ['an object whose reconcile is a text', { run: async () => 1, reconcile: 'yes' }],
  ])('is refused when it is %s', async (_what, pay) => {
    const error = await refusalOf([outer], { handlers: { pay: pay as never } });
    expect(error.code).toBe('BAD_OPTION');
    expect(error.message).toContain('handlers.pay');
    if (pay !== undefined) expect(thrownBy(() => effect({}, pay as never)).code).toBe('BAD_OPTION');
  });
});

describe('two machines of one id', () => {
  const first = setup({}).createMachine({ id: 'order' });

  it('are refused when their version is the same', async () => {
    const second = setup({}).createMachine({ id: 'order', initial: 'a', states: { a: {} } });
    const error = await refusalOf([first, second]);
    expect(error.code).toBe('BAD_OPTION');
    expect(error.message).toContain('"order" and version "1"');
  });

  it('are both taken when their versions differ', async () => {
    const second = setup({}).createMachine({ id: 'order', version: '2' });
    await using world = await openWorld({ machines: [first, second] });
    await world.engine.start(first, { id: 'one' });
    await world.engine.start(second, { id: 'two' });
    const versions = (await collect(world.engine.list())).map((actor) => actor.machineVersion);
    expect(versions).toEqual(['1', '2']);
  });

  it('are told apart at a start: one from provide() is not the one that was given', async () => {
    await using world = await openWorld({ machines: [first] });
    const error = await errorOf(world.engine.start(first.provide({}), { id: 'one' }));
    expect(error.code).toBe('MACHINE_UNKNOWN');
    expect(error.message).toContain('another object of the same id (from provide()?)');
  });

  it('are one machine when it is given twice', async () => {
    await using world = await openWorld({ machines: [first, first] });
    expect((await world.engine.start(first, { id: 'one' })).created).toBe(true);
  });
});

describe('a machine that can be hosted', () => {
  it('may invoke inline promises and machines', async () => {
    const child = setup({}).createMachine({
      id: 'child',
      initial: 'over',
      states: { over: { type: 'final' } },
      output: 'from the child',
    });
    const machine = createMachine({
      id: 'inline',
      initial: 'a',
      states: {
        a: { invoke: { src: fromPromise(async () => 1), onDone: 'b' } },
        b: { invoke: { src: child, onDone: 'c' } },
        c: {},
      },
    });
    await using world = await openWorld({ machines: [machine], on: 'sqlite' });
    const actor = await world.engine.start(machine, { id: 'i' });
    expect((await actor.waitFor('c')).value).toBe('c');
  });

  it('is remembered by the store, once for each version, with its children', async () => {
    const child = setup({}).createMachine({ id: 'child' });
    const machine = setup({ actors: { child, pay: effect() } }).createMachine({
      id: 'parent',
      invoke: { src: 'child' },
    });
    await using world = await openWorld({ machines: [machine] });
    const before = [...world.contents.machines.values()];
    expect(before.map((record) => `${record.machine}@${record.version}`)).toEqual([
      'parent@1',
      'parent/child@1',
    ]);
    await world.time.advance(1_000);
    await world.restart('stop');
    expect([...world.contents.machines.values()]).toEqual(before);
  });
});

describe('an engine that cannot be opened', () => {
  it('is refused while another one holds the store, which goes on', async () => {
    const machine = setup({}).createMachine({ id: 'm' });
    await using world = await openWorld({ machines: [machine] });
    const second = openEngine({ store: memoryStore(world.contents), machines: [machine] });
    expect(await codeOf(second)).toBe('STORE_LOCKED');
    expect((await world.engine.start(machine, { id: 'x' })).created).toBe(true);
  });

  it.each([
    ['batch', 0],
    ['turnMs', Number.NaN],
    ['effects', -1],
  ])('is refused with a limit that makes no sense: %s of %d', async (name, value) => {
    const machine = setup({}).createMachine({ id: 'm' });
    const error = await refusalOf([machine], { limits: { [name]: value } });
    expect(error.code).toBe('BAD_OPTION');
    expect(error.details).toEqual({ name });
  });
});
