// A machine that asks the clock or chance in its actions cannot be folded: its journal, stepped again,
// gives another state than the row holds. `verify` finds it, and nobody else.

import { openEngine } from 'sagawright';
import { memoryStore } from 'sagawright/store';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, setup } from 'xstate';
import { account } from './account.ts';

/** A machine whose context gets a value from `read` at each STAMP. */
function createStamped(read: () => unknown): AnyStateMachine {
  return setup({
    types: {} as { context: { readonly stamp: unknown }; events: { readonly type: 'STAMP' } },
  }).createMachine({
    id: 'stamped',
    context: { stamp: null },
    on: { STAMP: { actions: assign({ stamp: () => read() }) } },
  });
}

let tick = 0;

describe('an action that is not pure (F19)', () => {
  it.each<[what: string, read: () => unknown]>([
    ['chance', () => Math.random()],
    ['the clock', () => performance.now()],
    ['a variable of its module', () => ++tick],
    ['a date as text', () => new Date(Date.UTC(2026, 0, 1) + ++tick).toISOString()],
  ])('is found by verify: %s', async (_what, read) => {
    const stamped = createStamped(read);
    await using engine = await openEngine({ store: memoryStore(), machines: [stamped, account] });
    const impure = await engine.start(stamped, { id: 'impure' });
    const pure = await engine.start(account, { id: 'pure' });
    await pure.send({ type: 'ADD', amount: 1 });
    expect(await engine.verify()).toMatchObject({ actors: 2, mismatches: [], unverifiable: [] });
    await impure.send({ type: 'STAMP' });
    const { mismatches, unverifiable } = await engine.verify();
    expect(mismatches.length).toBeGreaterThan(0);
    expect(new Set(mismatches.map(({ actor }): string => actor))).toEqual(new Set(['impure']));
    expect(mismatches.some(({ path }) => path.includes('stamp'))).toBe(true);
    expect(unverifiable).toEqual([]);
  });

  it('is no mismatch when what it reads does not change', async () => {
    const stamped = createStamped(() => 'always');
    await using engine = await openEngine({ store: memoryStore(), machines: [stamped] });
    await (await engine.start(stamped, { id: 'steady' })).send({ type: 'STAMP' });
    expect(await engine.verify()).toMatchObject({ actors: 1, mismatches: [] });
  });
});
