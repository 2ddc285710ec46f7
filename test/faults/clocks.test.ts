// A wall clock that is set while an engine runs or while nobody does, by libfaketime in the engine's own
// process: only the wall clock is moved, monotonic time goes on. Timers fire once, whatever it says.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readJournal } from './account-store.ts';
import { type EngineChild, startEngine } from './engine-child.ts';
import { createFolder, findFaketime, need } from './means.ts';

const folder = createFolder('clocks');
const faketime = findFaketime();
const HOUR_MS = 3_600_000;

beforeEach(({ skip }) => void need(faketime, skip));

/** An engine whose wall clock a test sets, by an offset from the true one. */
class Clocked {
  readonly db: string;
  readonly #file: string;

  constructor(name: string) {
    this.db = join(folder, `${name}.db`);
    this.#file = `${this.db}.time`;
    this.set(0);
  }

  set(offsetMs: number): void {
    const seconds = offsetMs / 1_000;
    writeFileSync(this.#file, seconds < 0 ? `${seconds}` : `+${seconds}`);
  }

  async start(): Promise<EngineChild> {
    const environment = faketime.value?.(this.#file) ?? {};
    return startEngine({ db: this.db }, { environment });
  }
}

/** How far a process's wall clock is from the true one; asserted, so that the means is seen to work. */
async function expectOffset(child: EngineChild, offsetMs: number): Promise<void> {
  const { now = 0 } = await child.ask({ what: 'clock' });
  expect(Math.abs(now - Date.now() - offsetMs)).toBeLessThan(60_000);
}

const arm = { type: 'ARM', delayMs: HOUR_MS / 2 } as const;
const armSoon = { type: 'ARM', delayMs: 600 } as const;
const FIRED = ['xstate.init', 'ARM arm', 'RING'];

describe('a timer that falls due while nobody runs (F29)', () => {
  it('fires once at the next start, and not again at the one after', async () => {
    const world = new Clocked('down');
    const first = await world.start();
    await first.ask({ what: 'start', id: 'a' });
    await first.send('a', arm, 'arm');
    await first.kill();

    world.set(HOUR_MS);
    const second = await world.start();
    await expectOffset(second, HOUR_MS);
    const { context } = await second.readUntil('a', ({ context: { rings } }) => rings > 0);
    expect(context.rings).toBe(1);
    await second.kill();

    world.set(3 * HOUR_MS);
    const third = await world.start();
    await third.send('a', { type: 'ADD', amount: 1 }, 'add');
    expect((await third.read('a')).context.rings).toBe(1);
    await third.leave();
    expect(await readJournal(world.db, 'a')).toEqual([...FIRED, 'ADD add']);
  });

  it('is not due for a process that starts when the clock was set back, and fires when it is', async () => {
    const world = new Clocked('back');
    const first = await world.start();
    await first.ask({ what: 'start', id: 'a' });
    await first.send('a', arm, 'arm');
    await first.kill();

    world.set(-HOUR_MS);
    const second = await world.start();
    await expectOffset(second, -HOUR_MS);
    await second.send('a', { type: 'ADD', amount: 1 }, 'add');
    expect((await second.read('a')).context.rings).toBe(0);
    await second.kill();

    world.set(HOUR_MS);
    const third = await world.start();
    await third.readUntil('a', ({ context: { rings } }) => rings > 0);
    await third.leave();
    expect(await readJournal(world.db, 'a')).toEqual(['xstate.init', 'ARM arm', 'ADD add', 'RING']);
  });
});

describe.each([
  ['back', -HOUR_MS],
  ['ahead', HOUR_MS],
] as const)(
  'a wall clock that is set %s by an hour while an engine runs (F30)',
  (how, offsetMs) => {
    it('neither stalls nor hastens its timers, and none fires twice, also after a restart', async () => {
      const world = new Clocked(`running-${how}`);
      const first = await world.start();
      await first.ask({ what: 'start', id: 'a' });
      await first.ask({ what: 'start', id: 'b' });
      const armedAt = performance.now();
      await first.send('a', armSoon, 'arm');
      await first.send('b', arm, 'arm');
      world.set(offsetMs);
      await expectOffset(first, offsetMs);
      await first.send('a', { type: 'ADD', amount: 1 }, 'add');
      const { context } = await first.readUntil('a', ({ context: { rings } }) => rings > 0);
      expect(performance.now() - armedAt).toBeGreaterThanOrEqual(armSoon.delayMs);
      expect(context.rings).toBe(1);
      // Half an hour has not passed, whatever the wall clock says.
      expect((await first.read('b')).context.rings).toBe(0);
      await first.kill();

      world.set(2 * HOUR_MS);
      const second = await world.start();
      await second.readUntil('b', ({ context: { rings } }) => rings > 0);
      expect((await second.read('a')).context.rings).toBe(1);
      await second.leave();
      expect(await readJournal(world.db, 'a')).toEqual([
        'xstate.init',
        'ARM arm',
        'ADD add',
        'RING',
      ]);
      expect(await readJournal(world.db, 'b')).toEqual(FIRED);
    });
  },
);
