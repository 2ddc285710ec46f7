// Timers are moments in UTC: a day is 24 hours also where the clocks are changed that night.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { EngineWorld } from '../support/engine-world.ts';

const DAY_MS = 86_400_000;
const order = setup({}).createMachine({
  id: 'order',
  initial: 'open',
  states: { open: { after: { [DAY_MS]: 'overdue' } }, overdue: {} },
});

const zoneBefore = process.env['TZ'];
beforeAll(() => {
  process.env['TZ'] = 'Europe/London';
});
afterAll(() => {
  if (zoneBefore === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zoneBefore;
});

describe.each([
  ['an hour is skipped', '2026-03-28T12:00:00Z', 23],
  ['an hour comes twice', '2026-10-24T12:00:00Z', 25],
])('a timer over the night in which %s', (_what, armedAt, localHours) => {
  it.each(['not at all', 'in between'] as const)(
    'is due after 24 hours, with a restart %s',
    async (restart) => {
      await using world = new EngineWorld({ machines: [order] });
      world.time.jumpWall(Date.parse(armedAt) - world.time.now);
      await world.open();
      const actor = await world.engine.start(order, { id: 'o' });
      const due = Date.parse(armedAt) + DAY_MS;
      expect((await actor.snapshot()).timers).toMatchObject([{ dueAt: due }]);
      // The zone does change its clocks that night: the same time of day is as many hours away.
      const local = new Date(armedAt);
      local.setDate(local.getDate() + 1);
      expect((local.getTime() - Date.parse(armedAt)) / 3_600_000).toBe(localHours);
      await world.time.advance(DAY_MS / 2);
      if (restart === 'in between') await world.restart('abandon');
      await world.time.advance(DAY_MS / 2 - 1);
      expect((await world.engine.actor(order, 'o').snapshot()).value).toBe('open');
      await world.time.advance(1);
      expect((await world.engine.actor(order, 'o').snapshot()).value).toBe('overdue');
    },
  );
});
