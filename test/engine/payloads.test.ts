// What comes from outside is refused before it can wait anywhere, with the path of what is wrong.

import type { ActorClient, EngineError } from 'sagawright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { errorOf } from '../support/collected.ts';
import { EngineWorld } from '../support/engine-world.ts';

const sink = setup({
  types: { events: {} as { readonly type: string; readonly data?: unknown } },
}).createMachine({ id: 'sink', initial: 'ready', states: { ready: { on: { '*': {} } } } });

const world = new EngineWorld({ machines: [sink], limits: { eventLength: 2_000, depth: 20 } });
let actor: ActorClient<typeof sink>;

beforeAll(async () => {
  await world.open();
  actor = await world.engine.start(sink, { id: 'sink' });
});

afterAll(() => world[Symbol.asyncDispose]());

/** Sends a payload that must be refused, and sees that nothing has changed by it. */
async function refusalOf(data: unknown, type = 'DATA'): Promise<EngineError> {
  const commits = world.store.commits.length;
  const error = await errorOf(actor.send({ type, data }));
  expect(world.store.commits).toHaveLength(commits);
  expect((await actor.snapshot()).revision).toBe(1);
  expect(await world.deadLetters()).toEqual([]);
  return error;
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = { in: value };
  return value;
}

function cycle(): unknown {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

const own = (text: string): unknown => JSON.parse(text);

describe('a value that JSON would change', () => {
  it.each<[what: string, data: unknown, path: string]>([
    ['NaN', { price: Number.NaN }, 'event.data.price'],
    ['infinity', [1, Number.POSITIVE_INFINITY], 'event.data[1]'],
    ['an integer beyond 2^53', { id: 2 ** 53 }, 'event.data.id'],
    ['a bigint', { id: 5n }, 'event.data.id'],
    ['a function', { run: () => 1 }, 'event.data.run'],
    ['a symbol', { mark: Symbol('x') }, 'event.data.mark'],
    ['undefined in an array', [undefined], 'event.data[0]'],
    ['a Map', { items: new Map([['a', 1]]) }, 'event.data.items'],
    ['a Set', new Set([1]), 'event.data'],
    ['a Date', { at: new Date(0) }, 'event.data.at'],
    ['an Error', { cause: new Error('no') }, 'event.data.cause'],
    ['a class instance', { to: new URL('http://localhost') }, 'event.data.to'],
    ['bytes', { body: new Uint8Array(2) }, 'event.data.body'],
    ['a lone surrogate', { name: 'x\ud83d' }, 'event.data.name'],
    ['a member called __proto__', own('{"a":{"__proto__":{"x":1}}}'), 'event.data.a.__proto__'],
  ])('is refused with its path: %s', async (_what, data, path) => {
    const error = await refusalOf(data);
    expect(error.code).toBe('BAD_VALUE');
    expect(error.details['path']).toBe(path);
    expect(error.message).toContain(path);
  });

  it('is refused when it has a cycle', async () => {
    const error = await refusalOf(cycle());
    expect(error.code).toBe('BAD_VALUE');
    expect(error.details['path']).toMatch(/^event\.data(\.self)+$/);
  });

  it.each([21, 1_000, 50_000])('is refused when it is nested %i levels deep', async (levels) => {
    const error = await refusalOf(nested(levels));
    expect(error.code).toBe('BAD_VALUE');
    expect(error.message).toContain('nested too deep');
  });
});

describe('an input that JSON would change', () => {
  it.each<[what: string, input: unknown, path: string]>([
    ['NaN', { price: Number.NaN }, 'input.price'],
    ['a bigint', { id: 5n }, 'input.id'],
    ['a lone surrogate', ['\udc00'], 'input[0]'],
    ['a member called __proto__', own('{"__proto__":{"x":1}}'), 'input.__proto__'],
    ['a Date', { at: new Date(0) }, 'input.at'],
  ])('refuses the start with its path: %s', async (_what, input, path) => {
    const commits = world.store.commits.length;
    const error = await errorOf(world.engine.start(sink, { id: 'fresh', input }));
    expect(error.code).toBe('BAD_VALUE');
    expect(error.details['path']).toBe(path);
    expect(world.store.commits).toHaveLength(commits);
  });

  it('refuses the start when it is nested 50,000 levels deep, or too long', async () => {
    const deep = await errorOf(world.engine.start(sink, { id: 'fresh', input: nested(50_000) }));
    expect(deep.code).toBe('BAD_VALUE');
    const input = 'x'.repeat(2_001);
    const long = await errorOf(world.engine.start(sink, { id: 'fresh', input }));
    expect(long.code).toBe('VALUE_TOO_LARGE');
    expect((await errorOf(world.engine.actor(sink, 'fresh').snapshot())).code).toBe(
      'ACTOR_NOT_FOUND',
    );
  });
});

describe('a reference marker from outside', () => {
  const marker = { xstate$$type: 1, id: 'x', address: 'other', generation: null };

  it.each<[where: string, data: unknown, path: string]>([
    ['as the value', marker, 'event.data'],
    ['in an object', { to: marker }, 'event.data.to'],
    ['in an array', { to: [{ deep: marker }] }, 'event.data.to[0].deep'],
  ])('is refused, so that nobody forges a reference: %s', async (_where, data, path) => {
    const error = await refusalOf(data);
    expect(error.code).toBe('BAD_VALUE');
    expect(error.details['path']).toBe(`${path}.xstate$$type`);
  });
});

describe('an event that is too large', () => {
  it('is refused with its length and the limit', async () => {
    const error = await refusalOf('x'.repeat(2_000));
    expect(error.code).toBe('VALUE_TOO_LARGE');
    expect(error.details).toMatchObject({ path: 'event', limit: 2_000 });
    expect(error.details['length']).toBeGreaterThan(2_000);
  });
});

describe('an event type', () => {
  it.each([
    'xstate.init',
    'xstate.stop',
    'xstate.done.actor.charge',
    'xstate.error.actor.charge',
    'xstate.after.1000.sink.ready',
    'effect.late',
    '',
  ])('of the engine is refused from outside: %j', async (type) => {
    const error = await refusalOf(1, type);
    expect(error.code).toBe('BAD_EVENT');
  });

  it.each<[what: string, event: unknown]>([
    ['null', null],
    ['a text', 'DATA'],
    ['no type', { data: 1 }],
    ['a type that is a number', { type: 1 }],
  ])('must be there and a text: %s', async (_what, event) => {
    const error = await errorOf(actor.send(event as { type: string }));
    expect(error.code).toBe('BAD_EVENT');
    expect((await actor.snapshot()).revision).toBe(1);
  });
});

describe('a value that JSON keeps', () => {
  it('is stored as JSON would give it back', async () => {
    await using other = new EngineWorld({ machines: [sink] });
    const engine = await other.open();
    const client = await engine.start(sink, { id: 'sink' });
    const data = { text: 'é\u{1f600}', zero: -0, gone: undefined, nothing: null, list: [[], {}] };
    await client.send({ type: 'DATA', data });
    const { journal } = other.store.commits.at(-1) ?? { journal: [] };
    expect(JSON.parse(journal[0]?.data ?? '')).toEqual({
      type: 'DATA',
      data: { text: 'é\u{1f600}', zero: 0, nothing: null, list: [[], {}] },
    });
  });

  it('is taken as it was when it was sent, whatever the sender does to it afterwards', async () => {
    await using other = new EngineWorld({ machines: [sink] });
    const engine = await other.open();
    const client = await engine.start(sink, { id: 'sink' });
    const data = { total: 1, items: ['a'] };
    const sent = client.send({ type: 'DATA', data });
    data.total = 2;
    data.items.push('b');
    await sent;
    const { journal } = other.store.commits.at(-1) ?? { journal: [] };
    expect(JSON.parse(journal[0]?.data ?? '')).toMatchObject({ data: { total: 1, items: ['a'] } });
  });
});
