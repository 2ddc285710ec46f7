// What a viewer is told: the actors as they are, then every committed transition in order and once,
// whenever it connects; and what becomes of one that is too slow.

import type { Engine } from 'sagawright';
import type { ViewerMessage } from 'sagawright/inspect';
import { memoryStore } from 'sagawright/store';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, sendTo, setup } from 'xstate';
import { counter, openInspected } from './inspected-engine.ts';

const ACTORS = Array.from({ length: 24 }, (_, n) => `counter-${n}`);
const ADDS = 60;

/** The counts that each actor was told with, by its first messages and after. */
function countsOf(messages: readonly ViewerMessage[]): ReadonlyMap<string, readonly number[]> {
  const counts = new Map<string, number[]>();
  for (const message of messages) {
    if (message.type !== '@xstate.actor' && message.type !== '@xstate.snapshot') continue;
    const { count } = message.snapshot.context as { readonly count: number };
    const known = counts.get(message.sessionId) ?? [];
    counts.set(message.sessionId, known);
    // A new actor is told of with its state, and that state is that of its first event.
    const isFirst = message.type === '@xstate.snapshot' && message.event.type === 'xstate.init';
    if (!isFirst) known.push(count);
  }
  return counts;
}

/** What was told before a viewer started anew, and after each time. */
function splitByRestoring(
  messages: readonly ViewerMessage[],
): readonly (readonly ViewerMessage[])[] {
  const starts = messages.flatMap(({ type }, n) => (type === '@sagawright.restoring' ? [n] : []));
  return starts.map((start, n) => messages.slice(start, starts[n + 1]));
}

/** Every actor gets its events one after the other, all actors at the same time. */
async function addToAll(engine: Engine, onSent: () => Promise<void>): Promise<void> {
  let sent = 0;
  await Promise.all(
    ACTORS.map(async (id) => {
      const actor = await engine.start(counter, { id, ifExists: 'attach' });
      for (let n = 0; n < ADDS; n++) {
        await actor.send({ type: 'ADD' });
        sent += 1;
        if (sent % 200 === 0) await onSent();
      }
    }),
  );
}

function isComplete(messages: readonly ViewerMessage[]): boolean {
  const counts = countsOf(messages);
  return ACTORS.every((id) => counts.get(id)?.at(-1) === ADDS);
}

describe('the stream of events', () => {
  it.each([
    ['all actors are shown', 500],
    ['most actors are left out at first', 3],
  ])(
    'has no gap and nothing twice for viewers that come in the middle, when %s',
    async (_, actors) => {
      await using inspected = await openInspected([counter], { history: { actors } });
      const programs = [await inspected.view()];
      await addToAll(inspected.engine, async () => {
        programs.push(await inspected.view());
      });
      expect(programs.length).toBeGreaterThan(4);
      await programs[0]?.until(isComplete);
      for (const program of programs) {
        await program.until((messages) => {
          const counts = countsOf(messages);
          // Left out is only that to which nothing happens any more.
          const isAll = actors < ACTORS.length || counts.size === ACTORS.length;
          return (
            isAll && counts.size > 0 && [...counts.values()].every((each) => each.at(-1) === ADDS)
          );
        });
        for (const [id, counts] of countsOf(program.messages)) {
          const [first = 0] = counts;
          expect(counts, id).toEqual(counts.map((_count, n) => first + n));
        }
      }
      const [early] = programs;
      expect(early?.messages.some(({ type }) => type === '@xstate.event')).toBe(true);
    },
  );

  it('tells all of it to a viewer that was there before, however few it keeps', async () => {
    await using inspected = await openInspected([counter], { history: { actors: 1 } });
    const program = await inspected.view();
    await program.restored();
    await addToAll(inspected.engine, () => Promise.resolve());
    await program.until(isComplete);
    for (const [id, counts] of countsOf(program.messages)) {
      expect(counts, id).toEqual(Array.from({ length: ADDS + 1 }, (_, n) => n));
    }
  });

  it('shows the active actors that changed last, with those above them, and says how many there are more', async () => {
    const parent: AnyStateMachine = setup({ actors: { counter } }).createMachine({
      id: 'parent',
      invoke: { src: 'counter', id: 'child' },
      on: { PASS: { actions: sendTo('child', { type: 'ADD' }) } },
    });
    await using inspected = await openInspected([parent, counter], { history: { actors: 2 } });
    const { engine } = inspected;
    await engine.start(parent, { id: 'p' });
    for (const id of ['a', 'b', 'c']) await engine.start(counter, { id });
    await engine.actor(counter, 'a').send({ type: 'END' });
    await engine.actor(parent, 'p/child').send({ type: 'ADD' });
    const program = await inspected.view();
    await program.restored();
    const told = program.messages.map((message) =>
      'sessionId' in message ? message.sessionId : message.type,
    );
    expect(told[0]).toBe('@sagawright.restoring');
    expect(told.slice(1, -1)).toEqual(expect.arrayContaining(['p', 'p/child']));
    expect(told.indexOf('p')).toBeLessThan(told.indexOf('p/child'));
    expect(told).not.toContain('a');
    const { shown, leftOut } = program.messages.at(-1) as ViewerMessage & {
      readonly type: '@sagawright.restored';
    };
    expect(shown + leftOut).toBe(4);
    const child = program.messages.find((each) => 'name' in each && each.name === 'child');
    expect(child).toMatchObject({
      parentId: 'p',
      rootId: 'p',
      machine: 'parent/counter',
      snapshot: { status: 'active', value: 'open', context: { count: 1 } },
    });

    await engine.actor(parent, 'p').send({ type: 'PASS' });
    await engine.actor(counter, 'b').send({ type: 'ADD' });
    await program.until((messages) =>
      messages.some(
        (each) =>
          each.type !== '@sagawright.restored' && 'sessionId' in each && each.sessionId === 'b',
      ),
    );
    const passed = program.messages.filter((each) => each.type === '@xstate.event');
    expect(passed.slice(0, 2)).toMatchObject([
      { sessionId: 'p', event: { type: 'PASS' } },
      { sessionId: 'p/child', sourceId: 'p', event: { type: 'ADD' } },
    ]);
    expect(passed[0]).not.toHaveProperty('sourceId');
  });

  it('shows an actor that comes into being while the others are looked for', async () => {
    const store = memoryStore();
    const list = store.list.bind(store);
    await using inspected = await openInspected([counter], {}, store);
    const { engine } = inspected;
    await engine.start(counter, { id: 'early' });
    store.list = async (query) => {
      const page = await list(query);
      await engine.start(counter, { id: 'late', ifExists: 'attach' });
      return page;
    };
    const program = await inspected.view();
    await program.restored();
    const told = program.messages.flatMap((each) => ('sessionId' in each ? each.sessionId : []));
    expect(told).toEqual(['early', 'late']);
  });

  it('tells how an actor ends: done or stopped', async () => {
    await using inspected = await openInspected([counter]);
    const { engine } = inspected;
    const program = await inspected.view();
    await program.restored();
    const done = await engine.start(counter, { id: 'done' });
    const stopped = await engine.start(counter, { id: 'stopped' });
    await done.send({ type: 'END' });
    await stopped.stop();
    const ends = (messages: readonly ViewerMessage[]): readonly unknown[] =>
      messages.flatMap((each) =>
        each.type === '@xstate.snapshot' && each.event.type !== 'xstate.init'
          ? [[each.sessionId, each.event.type, each.snapshot.status]]
          : [],
      );
    await program.until((messages) => ends(messages).length === 2);
    expect(ends(program.messages)).toEqual([
      ['done', 'END', 'done'],
      ['stopped', 'xstate.stop', 'stopped'],
    ]);
  });

  it('leaves out of a message what makes it too long, and says so', async () => {
    await using inspected = await openInspected([counter], { history: { messageLength: 2_000 } });
    const program = await inspected.view('?definitions=no');
    await program.restored();
    const actor = await inspected.engine.start(counter, { id: 'a' });
    await actor.send({ type: 'ADD', note: 'x'.repeat(5_000) });
    await program.until(
      (messages) => messages.at(-1)?.type === '@xstate.snapshot' && messages.length === 7,
    );
    for (const message of program.messages) {
      expect(JSON.stringify(message).length).toBeLessThanOrEqual(2_000);
    }
    expect(program.messages.slice(-2)).toMatchObject([
      { type: '@xstate.event', event: { type: 'ADD', omitted: /5,?0\d\d characters/ } },
      {
        type: '@xstate.snapshot',
        event: { type: 'ADD' },
        snapshot: { value: 'open', context: { omitted: /characters/ } },
      },
    ]);
  });
});

describe('a viewer that reads too slowly', () => {
  it('holds nobody up, and starts anew with the actors as they are', async () => {
    await using inspected = await openInspected([counter], { history: { waiting: 20 } });
    const { engine } = inspected;
    const program = await inspected.view();
    await program.restored();
    const actor = await engine.start(counter, { id: 'a' });
    await program.until((messages) => messages.some((each) => each.type === '@xstate.snapshot'));
    program.socket.pause();
    // More than what two sockets and the viewer's own bound take.
    const note = 'x'.repeat(100_000);
    for (let n = 0; n < 200; n++) await actor.send({ type: 'ADD', note });
    expect((await actor.snapshot()).context.count).toBe(200);
    await actor.send({ type: 'ADD', note: 'small again' });
    program.socket.resume();
    await program.until((messages) => countsOf(messages).get('a')?.at(-1) === 201);
    const tellings = splitByRestoring(program.messages);
    expect(tellings.length).toBeGreaterThan(1);
    let told = 0;
    let missed = 0;
    for (const [restoring, ...messages] of tellings) {
      if (restoring?.type === '@sagawright.restoring') missed += restoring.missed;
      const counts = countsOf(messages).get('a') ?? [];
      expect(counts).toEqual(counts.map((_, n) => (counts[0] ?? 0) + n));
      told += counts.length;
    }
    expect(missed).toBeGreaterThan(20);
    expect(told).toBeLessThan(200);
    const last = program.messages.findLast((each) => 'snapshot' in each);
    expect(last).toMatchObject({
      sessionId: 'a',
      revision: 202,
      snapshot: { context: { note: 'small again' } },
    });
    await actor.send({ type: 'ADD' });
    await program.until((messages) => countsOf(messages).get('a')?.at(-1) === 202);
  });
});
