// A message and everything that it causes, in one unit of work: under the engine each actor of a tree ends
// up where XState's live actors do, with the same messages in the same order, whatever the root is sent.

import fc from 'fast-check';
import { openEngine } from 'sagawright';
import { memoryStore } from 'sagawright/store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AnyActorRef, type AnyEventObject, createActor, createMachine } from 'xstate';
import { type Tree, trees } from './charts/trees.ts';
import { checkAsyncProperty } from './seeds.ts';

/** What is compared of an actor: references by their id. */
interface Seen {
  readonly value?: unknown;
  readonly context: unknown;
}

type Tops = ReadonlyMap<string, Seen>;

function plain({ value, context }: Seen): Seen {
  const named = JSON.stringify({ value: value ?? {}, context }, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && 'id' in member ? `@${member.id}` : member,
  );
  return JSON.parse(named) as Seen;
}

/** The actors of a live tree that have not ended. */
function lookAtLive(root: AnyActorRef, { below }: Tree): Tops {
  const found = new Map<string, Seen>();
  for (const path of ['', ...below]) {
    let actor: AnyActorRef | undefined = root;
    for (const id of path.split('/').filter(Boolean)) actor = actor?.getSnapshot().children?.[id];
    const snapshot = actor?.getSnapshot();
    if (snapshot?.status === 'active') found.set(path, plain(snapshot));
  }
  return found;
}

/** One run of a tree, live and under the engine; answers with what both show after each event. */
async function runBoth(
  tree: Tree,
  events: readonly AnyEventObject[],
): Promise<readonly (readonly [live: Tops, engine: Tops])[]> {
  const live = createActor(tree.machine, { id: 'root' });
  // Whoever listens for errors keeps XState from throwing them at the process.
  live.subscribe({ error: () => undefined });
  live.start();
  const engine = await openEngine({ store: memoryStore(), machines: [tree.machine] });
  const root = await engine.start(tree.machine, { id: 'root' });
  const anyMachine = createMachine({});
  const look = async (): Promise<[Tops, Tops]> => {
    const there = lookAtLive(live, tree);
    const here = new Map<string, Seen>();
    for (const path of there.keys()) {
      const address = path === '' ? 'root' : `root/${path}`;
      here.set(path, plain(await engine.actor(anyMachine, address).snapshot()));
    }
    return [there, here];
  };
  const seen = [await look()];
  for (const event of events) {
    live.send(event);
    await root.send(event);
    seen.push(await look());
  }
  live.stop();
  await engine.stop();
  return seen;
}

describe('a unit of work', () => {
  // XState warns of each event that reaches a child which has ended.
  beforeAll(() => void vi.spyOn(console, 'warn').mockReturnValue(undefined));
  afterAll(() => void vi.restoreAllMocks());

  it.each(trees)('takes a tree of $name to where XState’s live actors go', async (tree) => {
    const sequence = fc.array(fc.constantFrom(...tree.events), { maxLength: 12 });
    await checkAsyncProperty(
      fc.asyncProperty(sequence, async (events) => {
        for (const [live, engine] of await runBoth(tree, events)) expect(engine).toEqual(live);
      }),
    );
  });
});
