// Decisions on what was seen: expected revisions of messages, and several actors as of one moment.

import { describe, expect, it } from 'vitest';
import { codeOf, errorOf } from '../support/collected.ts';
import { openWorld } from '../support/engine-world.ts';
import { stock } from '../support/stock-machine.ts';

const input = { sku: 'tea', available: 5 };
const reserve = { type: 'reserve', quantity: 1 } as const;

describe('a message with an expected revision', () => {
  it('is taken when the actor is as it was seen', async () => {
    await using world = await openWorld({ machines: [stock], on: 'sqlite' });
    const tea = await world.engine.start(stock, { id: 'tea', input });
    const { revision } = await tea.snapshot();
    expect(await tea.send(reserve, { expectedRevision: revision })).toMatchObject({
      status: 'accepted',
    });
  });

  it('lets one of two win that have seen the same', async () => {
    await using world = await openWorld({ machines: [stock], on: 'sqlite' });
    const tea = await world.engine.start(stock, { id: 'tea', input });
    const [first, second] = await Promise.allSettled([
      tea.send(reserve, { expectedRevision: 1 }),
      tea.send(reserve, { expectedRevision: 1 }),
    ]);
    expect(first).toMatchObject({ status: 'fulfilled', value: { status: 'accepted' } });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'REVISION_CONFLICT' } });
    expect((await tea.snapshot()).context.available).toBe(4);
  });

  it('that has changed says what was expected and what is, and leaves no dead letter', async () => {
    await using world = await openWorld({ machines: [stock] });
    const tea = await world.engine.start(stock, { id: 'tea', input });
    expect(await errorOf(tea.send(reserve, { expectedRevision: 4 }))).toMatchObject({
      code: 'REVISION_CONFLICT',
      details: { actor: 'tea', expected: 4, actual: 1 },
      message: expect.stringContaining('at revision 4, got 1'),
    });
    expect(await world.deadLetters()).toEqual([]);
  });

  it('is a duplicate first: a retry is answered although its own first try has changed the actor', async () => {
    await using world = await openWorld({ machines: [stock] });
    const tea = await world.engine.start(stock, { id: 'tea', input });
    const options = { key: 'k', expectedRevision: 1 };
    await tea.send(reserve, options);
    expect(await tea.send(reserve, options)).toMatchObject({ status: 'duplicate' });
  });

  it('does not use its key up when it is refused', async () => {
    await using world = await openWorld({ machines: [stock] });
    const tea = await world.engine.start(stock, { id: 'tea', input });
    expect(await codeOf(tea.send(reserve, { key: 'k', expectedRevision: 9 }))).toBe(
      'REVISION_CONFLICT',
    );
    expect(await tea.send(reserve, { key: 'k', expectedRevision: 1 })).toMatchObject({
      status: 'accepted',
    });
  });

  it.each([-1, 1.5, Number.NaN, '1'])('is refused when it is %s', async (expectedRevision) => {
    await using world = await openWorld({ machines: [stock] });
    const tea = await world.engine.start(stock, { id: 'tea', input });
    const options = { expectedRevision: expectedRevision as never };
    expect(await codeOf(tea.send(reserve, options))).toBe('BAD_OPTION');
  });
});

describe('reading several actors', () => {
  it('gives them as of one moment, in the order asked for, null for those that are not there', async () => {
    await using world = await openWorld({ machines: [stock], on: 'sqlite' });
    for (const id of ['a', 'b']) await world.engine.start(stock, { id, input });
    const move = world.engine.transact((tx) => {
      tx.send<typeof stock>('a', reserve);
      tx.send<typeof stock>('b', { type: 'release', quantity: 1 });
    });
    // Whenever it is read, before or after the move: never in the middle of it.
    const sums = async (): Promise<number> => {
      const read = await world.engine.read(['b', 'none', 'a']);
      expect(read[1]).toBeNull();
      return read.reduce((sum, snapshot) => sum + (snapshot?.context.available ?? 0), 0);
    };
    expect(await Promise.all([sums(), move.then(sums), sums()])).toEqual([10, 10, 10]);
  });

  it('is refused for ids that are none, and for too many', async () => {
    await using world = await openWorld({ machines: [stock] });
    expect(await codeOf(world.engine.read(['']))).toBe('BAD_ID');
    expect(await codeOf(world.engine.read(Array(1_001).fill('a')))).toBe('BAD_OPTION');
    expect(await codeOf(world.engine.read('a' as never))).toBe('BAD_OPTION');
  });
});
