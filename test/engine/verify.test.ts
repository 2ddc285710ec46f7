// The journal folded again, and held against the stored rows: nothing is found where nothing is wrong,
// and whatever is wrong is found, with its path. Every world of test/engine is verified at its end too.

import { actorRef, type VerifyReport } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { assign, createMachine, setup } from 'xstate';
import { codeOf } from '../support/collected.ts';
import { type EngineWorld, openWorld } from '../support/engine-world.ts';
import { counter, nothing } from './counter.ts';

type Row = NonNullable<ReturnType<EngineWorld['contents']['actors']['get']>>;

/** Changes a row behind the engine's back. */
function plant(world: EngineWorld, id: string, change: (row: Row) => Partial<Row>): void {
  const { address } = actorRef(id);
  const row = world.contents.actors.get(address);
  if (row === undefined) throw new Error(`There is no row of ${id}.`);
  world.contents.actors.set(address, { ...row, ...change(row) });
}

async function counting(): Promise<EngineWorld> {
  const world = await openWorld({ machines: [counter] });
  const actor = await world.engine.start(counter, { id: 'c' });
  await actor.send({ type: 'ADD', by: 2 });
  await actor.send({ type: 'ADD', by: 3 });
  return world;
}

function paths({ mismatches }: VerifyReport): readonly string[] {
  return mismatches.map(({ actor, revision, path }) => `${actor}@${revision} ${path}`);
}

describe('verify', () => {
  it('finds nothing in a journal that folds to its rows, and counts what it has compared', async () => {
    await using world = await counting();
    await world.engine.start(counter, { id: 'd' });
    const told: unknown[] = [];
    const onProgress = (progress: unknown): number => told.push(progress);
    expect(await world.engine.verify({ onProgress })).toEqual({
      ...nothing,
      actors: 2,
      entries: 6,
    });
    expect(told).toEqual([
      { actors: 1, entries: 5 },
      { actors: 2, entries: 6 },
    ]);
  });

  it('reads one tree alone when it is named', async () => {
    await using world = await counting();
    await world.engine.start(counter, { id: 'd' });
    expect(await world.engine.verify({ actor: 'd' })).toEqual({
      ...nothing,
      actors: 1,
      entries: 1,
    });
    expect(await codeOf(world.engine.verify({ actor: 'nobody' }))).toBe('ACTOR_NOT_FOUND');
    expect(await codeOf(world.engine.verify({ actor: 'd/child' }))).toBe('BAD_ID');
    const misspelt: object = { actors: 'd' };
    expect(await codeOf(world.engine.verify(misspelt))).toBe('BAD_OPTION');
  });

  it('says that the engine has stopped', async () => {
    const world = await counting();
    const { engine } = world;
    await world.stop();
    expect(await codeOf(engine.verify())).toBe('ENGINE_STOPPED');
  });

  it('finds every change of one character in a row', async () => {
    await using world = await counting();
    const row = await world.row('c');
    let planted = 0;
    const missed: string[] = [];
    for (const column of ['snapshot', 'pending', 'state'] as const) {
      for (let index = 0; index < row[column].length; index++) {
        const text = row[column];
        const other = text[index] === '7' ? '8' : '7';
        const changed = text.slice(0, index) + other + text.slice(index + 1);
        plant(world, 'c', () => ({ ...row, [column]: changed }));
        const { mismatches, unverifiable } = await world.engine.verify();
        planted += 1;
        if (mismatches.length + unverifiable.length === 0) missed.push(`${column}: ${changed}`);
      }
    }
    plant(world, 'c', () => row);
    expect(missed).toEqual([]);
    expect(planted).toBeGreaterThan(250);
  });

  it('names the path of a difference, what is stored and what comes out', async () => {
    await using world = await counting();
    plant(world, 'c', ({ snapshot }) => ({ snapshot: snapshot.replace('"count":5', '"count":6') }));
    const { mismatches } = await world.engine.verify();
    expect(mismatches).toEqual([
      { actor: 'c', revision: 5, path: 'context.count', stored: 6, folded: 5 },
    ]);
    plant(world, 'c', ({ snapshot }) => ({ snapshot: snapshot.replace('"count":6', '"count":5') }));
  });

  it('finds a row that is older than its journal, and one that is newer', async () => {
    await using world = await openWorld({ machines: [counter] });
    const actor = await world.engine.start(counter, { id: 'c' });
    const old = await world.row('c');
    await actor.send({ type: 'ADD', by: 1 });
    const row = await world.row('c');
    plant(world, 'c', () => old);
    expect(paths(await world.engine.verify())).toEqual(['c@1 revision']);
    plant(world, 'c', () => ({ ...row, revision: 9 }));
    expect(paths(await world.engine.verify())).toEqual(['c@9 revision']);
    plant(world, 'c', () => row);
  });

  it('finds columns that do not say what the row holds', async () => {
    await using world = await counting();
    const row = await world.row('c');
    plant(world, 'c', () => ({ wakeAt: 1, running: true }));
    expect(paths(await world.engine.verify())).toEqual(['c@5 column wakeAt', 'c@5 column running']);
    plant(world, 'c', () => row);
  });

  it('finds a change in the journal, of an event and of what was emitted', async () => {
    await using world = await counting();
    const { journal } = world.contents;
    const entries = [...journal];
    const at = (revision: number): number => entries.findIndex((e) => e.revision === revision);
    const replace = (revision: number, data: string): void => {
      const entry = entries[at(revision)];
      if (entry !== undefined) journal[at(revision)] = { ...entry, data };
    };
    replace(2, '{"type":"ADD","by":20}');
    expect(paths(await world.engine.verify())).toEqual(['c@3 emitted', 'c@5 context.count']);
    journal.splice(0, journal.length, ...entries);
    replace(3, '{"type":"added","by":20}');
    expect(paths(await world.engine.verify())).toEqual(['c@3 emitted']);
    journal.splice(0, journal.length, ...entries);
  });

  it('cannot verify an actor with a hole in its journal, and says so', async () => {
    await using world = await counting();
    const { journal } = world.contents;
    const entries = [...journal];
    journal.splice(0, 1);
    const without = await world.engine.verify();
    expect(without).toMatchObject({ actors: 0, mismatches: [] });
    expect(without.unverifiable[0]?.reason).toContain('without a start');
    journal.splice(0, journal.length, ...entries.filter(({ revision }) => revision !== 2));
    const { unverifiable } = await world.engine.verify();
    expect(unverifiable).toEqual([
      { actor: 'c', reason: expect.stringContaining('no entry of revision 2') },
    ]);
    journal.splice(0, journal.length, ...entries);
  });
});

describe('an impure machine', () => {
  it('is found by the path that differs (F19)', async () => {
    let ticks = 0;
    const dice = setup({
      types: {
        context: {} as { readonly rolls: readonly number[] },
        events: {} as { type: 'ROLL' },
      },
    }).createMachine({
      id: 'dice',
      context: { rolls: [] },
      on: { ROLL: { actions: assign({ rolls: ({ context }) => [...context.rolls, ++ticks] }) } },
    });
    await using world = await openWorld({ machines: [dice], verified: false });
    const actor = await world.engine.start(dice, { id: 'd' });
    await actor.send({ type: 'ROLL' });
    await actor.send({ type: 'ROLL' });
    const { mismatches } = await world.engine.verify();
    expect(mismatches).toEqual([
      { actor: 'd', revision: 3, path: 'context.rolls.0', stored: 1, folded: 3 },
      { actor: 'd', revision: 3, path: 'context.rolls.1', stored: 2, folded: 4 },
    ]);
  });

  it('is found at the revision where it takes another way', async () => {
    let heads = true;
    const coin = setup({ types: { events: {} as { type: 'FLIP' } } }).createMachine({
      id: 'coin',
      initial: 'up',
      states: {
        up: { on: { FLIP: [{ guard: () => heads, target: 'heads' }, { target: 'tails' }] } },
        heads: { on: { FLIP: 'up' } },
        tails: { on: { FLIP: 'up' } },
      },
    });
    await using world = await openWorld({ machines: [coin], verified: false });
    const actor = await world.engine.start(coin, { id: 'c' });
    await actor.send({ type: 'FLIP' });
    await actor.send({ type: 'FLIP' });
    heads = false;
    expect((await world.engine.verify()).mismatches).toEqual([
      { actor: 'c', revision: 2, path: 'value', stored: 'heads', folded: 'tails' },
    ]);
  });
});

describe('actors that cannot be read', () => {
  it('are named with the reason, and the others are compared', async () => {
    const stranger = createMachine({ id: 'stranger' });
    await using world = await openWorld({ machines: [counter, stranger] });
    await world.engine.start(counter, { id: 'c' });
    await world.engine.start(stranger, { id: 's' });
    await world.restart('stop', { machines: [counter] });
    const { actors, mismatches, unverifiable } = await world.engine.verify();
    expect({ actors, mismatches }).toEqual({ actors: 1, mismatches: [] });
    expect(unverifiable).toEqual([
      { actor: 's', reason: expect.stringContaining('"stranger" version 1') },
    ]);
  });
});
