// The messages are those of @statelyai/inspect: held against what its own inspector makes of a living XState
// actor, and read by its own receiver.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createInspector } from '@statelyai/inspect';
import type { ViewerMessage } from 'sagawright/inspect';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { counter, openInspected } from './inspected-engine.ts';

const run = promisify(execFile);
const RECEIVER = join(import.meta.dirname, 'receiver-process.ts');

const EVENTS = [{ type: 'ADD', note: 'one' }, { type: 'ADD' }, { type: 'END' }];

/** What is told of a living actor to which these events happen. */
async function tellAlive(): Promise<readonly object[]> {
  const told: object[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const { inspect } = createInspector({
    send: (event) => {
      told.push(event);
      if (event.type === '@xstate.snapshot' && event.event.type === 'END') resolve();
    },
  });
  const actor = createActor(counter, { id: 'a', inspect });
  actor.start();
  for (const event of EVENTS) actor.send(event);
  await ended;
  return told;
}

/** Members whose values are each one's own: when, and under which names. */
const OWN = new Set(['createdAt', 'id', 'sessionId', 'rootId', 'name']);
/** What only our messages have. */
const OURS = new Set(['revision', 'machine', 'machineVersion']);

/** What has to be the same: members by name, and their values but for what is each one's own. */
function comparable(message: object): object {
  return Object.fromEntries(
    Object.entries(JSON.parse(JSON.stringify(message)) as object)
      .filter(([name]) => !OURS.has(name))
      .map(([name, value]) => {
        if (OWN.has(name)) return [name, 'its own'];
        if (name === 'definition') return [name, Object.keys(JSON.parse(value).states)];
        if (name !== 'snapshot') return [name, value];
        const { status, value: state, context } = value;
        return [name, { status, value: state, context }];
      }),
  );
}

const STATELY = (message: ViewerMessage): boolean => '_version' in message;

describe('the messages', () => {
  it("are what Stately's own inspector tells of a living actor", async () => {
    const alive = await tellAlive();
    await using inspected = await openInspected([counter]);
    const program = await inspected.view();
    await program.restored();
    const actor = await inspected.engine.start(counter, { id: 'a' });
    for (const event of EVENTS) await actor.send(event);
    await program.until((messages) => messages.filter(STATELY).length >= alive.length);
    const durable = program.messages.filter(STATELY);
    // Theirs waits for an idle moment before it looks at the actor, which has gone on until then.
    const [first, ...rest] = durable;
    const [firstAlive, ...restAlive] = alive;
    expect(rest.map(comparable)).toEqual(restAlive.map(comparable));
    expect(Object.keys(comparable(first ?? {})).sort()).toEqual(
      Object.keys(comparable(firstAlive ?? {})).sort(),
    );
    expect(first).toMatchObject({ type: '@xstate.actor', sessionId: 'a', rootId: 'a', name: 'a' });
  });

  it('bring the whole machine as its configuration', async () => {
    await using inspected = await openInspected([counter]);
    await inspected.engine.start(counter, { id: 'a' });
    const program = await inspected.view();
    await program.restored();
    const [, actor] = program.messages;
    const definition: unknown = JSON.parse(
      String(actor && 'definition' in actor && actor.definition),
    );
    expect(definition).toMatchObject({
      id: 'counter',
      initial: 'open',
      states: { open: { on: { END: 'ended' } }, ended: { type: 'final' } },
    });
  });

  it('come to a websocket receiver of @statelyai/inspect as they are', async () => {
    await using inspected = await openInspected([counter]);
    await inspected.engine.start(counter, { id: 'a' });
    const server = `ws://localhost:${inspected.inspector.port}/events`;
    const { stdout } = await run(process.execPath, [RECEIVER, server]);
    expect(JSON.parse(stdout)).toMatchObject({
      type: '@xstate.actor',
      sessionId: 'a',
      snapshot: { status: 'active', value: 'open', context: { count: 0, note: '' } },
    });
  });

  it('keep the name of an actor over restarts of the inspector', async () => {
    await using inspected = await openInspected([counter]);
    await inspected.engine.start(counter, { id: 'a' });
    const names: unknown[] = [];
    for (let n = 0; n < 2; n++) {
      const program = await inspected.view();
      await program.restored();
      names.push(program.messages.flatMap((each) => ('sessionId' in each ? each.sessionId : [])));
    }
    expect(names).toEqual([['a'], ['a']]);
  });
});
