// What a migration may do with timers, effects and children: add some, drop some, put others in their place.

import { effect, type MigratingActor, migration } from 'sagawright';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { openWorld } from '../support/engine-world.ts';
import { ScriptedHandler } from '../support/scripted-handler.ts';
import { changed, second, started } from './versioned-orders.ts';

describe('what a migration may add', () => {
  it('is a timer, with an event of its own or of after', async () => {
    await using world = await started('memory', []);
    const dueAt = world.time.now + 5_000;
    const engine = await world.restart('stop', {
      machines: [second],
      migrations: [
        changed((to) => ({
          ...to,
          timers: [
            { id: 'nudge', dueAt, event: { type: 'WAIT' } },
            { id: 'later', dueAt: dueAt + 1_000, event: { type: 'NOBODY' } },
          ],
        })),
      ],
    });
    await world.time.advance(5_000);
    expect((await engine.actor(second, 'o').snapshot()).value).toBe('IDLE');
  });

  it('is an effect, called once the migration is on disk', async () => {
    const handler = new ScriptedHandler();
    await using world = await started('memory', [], handler);
    const into = changed((to) => ({
      ...to,
      value: 'CHARGING',
      timers: [{ id: 'xstate.after.60000.order.CHARGING', dueAt: world.time.now + 60_000 }],
      effects: [{ id: '0.order.CHARGING', src: 'charge', input: { amountMinor: 3 } }],
    }));
    const engine = await world.restart('stop', { machines: [second], migrations: [into] });
    await world.time.settle();
    expect(handler.calls).toMatchObject([
      { key: 'o@2:0.order.CHARGING', input: { amountMinor: 3 } },
    ]);
    handler.last.resolve('r');
    await world.time.settle();
    expect((await engine.actor(second, 'o').snapshot()).value).toBe('CHARGED');
  });

  it('is told when it is missing: a timer or an invoke that its new state has', async () => {
    await using world = await started('memory', []);
    const told: object[] = [];
    const logger = {
      info: () => undefined,
      warn: (_message: string, fields: object) => told.push(fields),
      error: () => undefined,
    };
    await world.restart('stop', {
      machines: [second],
      migrations: [changed((to) => ({ ...to, value: 'IDLE' }))],
      logger,
    });
    expect(told).toMatchObject([{ missing: 'timer "xstate.after.60000.order.IDLE" of o' }]);
  });
});

describe('what a migration may drop', () => {
  it('is an effect, with its child; what comes of it is not waited for', async () => {
    const handler = new ScriptedHandler();
    await using world = await started('memory', ['PAY'], handler);
    const engine = await world.restart('abandon', {
      machines: [second],
      migrations: [
        changed((to) => ({ ...to, value: 'NEW', timers: [], effects: [], children: [] })),
      ],
    });
    await world.time.advance(120_000);
    expect(handler.calls).toHaveLength(1);
    expect(await engine.actor(second, 'o').snapshot()).toMatchObject({
      value: 'NEW',
      timers: [],
      effects: [],
    });
  });
});

describe('what a migration may replace', () => {
  const payer = (version: string, id: string) =>
    setup({ actors: { charge: effect<unknown, string>({ key: () => 'payment' }) } }).createMachine({
      id: 'payer',
      version,
      initial: 'PAYING',
      states: { PAYING: { invoke: { src: 'charge', id, onDone: 'PAID' } }, PAID: {} },
    });

  it('is an effect under its own key by another one, which is in doubt about it', async () => {
    const handlers = { charge: new ScriptedHandler().run };
    const world = await openWorld({ machines: [payer('1', 'pay')], handlers });
    await using _ = world;
    await world.engine.start('payer', { id: 'p' });
    await world.time.settle();
    const replace = migration({
      machine: 'payer',
      from: '1',
      to: '2',
      migrate: (actor: MigratingActor) => ({
        ...actor,
        effects: [{ id: 'settle', src: 'charge' }],
        children: [],
      }),
    });
    await world.restart('abandon', { machines: [payer('2', 'settle')], migrations: [replace] });
    expect(await world.effects('p')).toMatchObject({
      settle: { key: 'p:payment', maybeRan: true },
    });
  });
});
