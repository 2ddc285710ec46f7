// The search for the actors that a viewer is shown: it ends with its viewer.

import { type Engine, openEngine } from 'sagawright';
import { memoryStore } from 'sagawright/store';
import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { findLatestActors } from '../../src/inspect/latest-actors.ts';
import { Pace } from '../../src/inspect/pace.ts';
import { systemPlatform } from '../../src/platform.ts';

const machine = createMachine({ id: 'still' });

it('reads no further when nobody wants to know any more', async () => {
  await using engine: Engine = await openEngine({ store: memoryStore(), machines: [machine] });
  for (let number = 0; number < 20; number++) await engine.start(machine, { id: `a${number}` });
  const pace = new Pace(systemPlatform);
  let left = 5;
  const isOver = (): boolean => left-- <= 0;
  expect((await findLatestActors(engine, 10, pace, () => false)).active).toBe(20);
  expect((await findLatestActors(engine, 10, pace, isOver)).active).toBe(5);
});
