// A saga's input: checked at its start by any library that speaks Standard Schema. And what the builder
// itself refuses.

import { type EngineError, effect, type StandardSchema, saga } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { collect, errorOf, thrownBy } from '../support/collected.ts';
import { SagaWorld } from './saga-world.ts';

interface Order {
  readonly pence: number;
}

const schema: StandardSchema<Order> = {
  '~standard': {
    version: 1,
    vendor: 'own',
    validate: (value) => {
      const { pence, items } = value as { readonly pence?: unknown; readonly items?: unknown };
      if (items !== undefined) {
        const path = ['items', { key: 0 }, 'sku'];
        return { issues: [{ message: 'no such sku', path }, { message: 'refused as a whole' }] };
      }
      if (typeof pence !== 'string')
        return { issues: [{ message: 'not a text', path: ['pence'] }] };
      return { value: { pence: Number(pence) } };
    },
  },
};

const run = effect<unknown, unknown>();
const order = saga('order', { input: schema })
  .step('pay', { run, input: ({ input }) => ({ double: input.pence * 2 }) })
  .build();

async function refusal(input: unknown): Promise<EngineError> {
  await using s = new SagaWorld(order, ['pay']);
  await s.world.open();
  return await errorOf(s.world.engine.start(order, { id: 's', input: input as Order }));
}

describe('the input of a saga', () => {
  it('is taken as the schema gives it back', async () => {
    await using s = new SagaWorld(order, ['pay']);
    await s.start({ pence: '21' });
    expect(s.on('pay').last.input).toEqual({ double: 42 });
  });

  it('that does not fit is refused with the path of each issue', async () => {
    expect((await refusal({ pence: 21 })).message).toContain('pence: not a text');
    expect((await refusal({ items: [] })).message).toContain(
      'The input does not fit: items.0.sku: no such sku; refused as a whole',
    );
  });

  it('that does not fit leaves no saga behind', async () => {
    await using s = new SagaWorld(order, ['pay']);
    await s.world.open();
    await expect(s.world.engine.start(order, { id: 's', input: {} as Order })).rejects.toThrow();
    expect(await collect(s.world.engine.list({}))).toEqual([]);
  });

  it('cannot be checked by a schema that answers later', async () => {
    const later: StandardSchema<Order> = {
      '~standard': { version: 1, vendor: 'own', validate: () => Promise.resolve({ issues: [] }) },
    };
    const machine = saga('later', { input: later })
      .step('pay', { run, input: () => null })
      .build();
    await using s = new SagaWorld(machine, ['pay']);
    await s.world.open();
    const error = await errorOf(s.world.engine.start(machine, { id: 's', input: {} as Order }));
    expect(error.message).toContain('Expected a schema that answers at once');
  });
});

describe('the builder', () => {
  const begin = () => saga<null>('s').step('a', { run, input: () => null, states: ['A', 'B'] });

  it.each([
    ['a saga without steps', () => saga('s').build()],
    ['an id that no state path takes', () => saga('a.b')],
    ['a name used twice', () => begin().step('a', { run, input: () => null })],
    ['a name that a state has', () => begin().step('B', { run, input: () => null })],
    ['a name of its own', () => begin().step('choosing', { run, input: () => null })],
    ['a name of a region', () => begin().step('waiting', { run, input: () => null })],
    ['a state used twice', () => begin().step('b', { run, input: () => null, states: ['B'] })],
    [
      'one state named twice',
      () => begin().step('b', { run, input: () => null, states: ['X', 'X'] }),
    ],
    ['a state of its own', () => begin().step('b', { run, input: () => null, states: ['failed'] })],
    [
      'a step that waits for itself',
      () => begin().step('b', { run, input: () => null, after: ['b' as 'a'] }),
    ],
    [
      'an undo order that leaves one out',
      () =>
        saga<null>('s', { undoOrder: [] })
          .step('a', { run, compensate: run, input: () => null })
          .build(),
    ],
    [
      'two calls under one name',
      () =>
        saga<null>('s')
          .step('a', { run: effect<null, null>({ name: 'b' }), input: () => null })
          .step('b', { run, input: () => null })
          .build(),
    ],
  ])('refuses %s', (_, build) => {
    expect(thrownBy(build).code).toBe('BAD_OPTION');
  });
});
