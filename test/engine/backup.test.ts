// A copy of the store, made while the engine works: complete, a database of its own, and verified. Never
// over anything that is there; what goes wrong leaves no copy, and the engine goes on.

import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BackupProgress, type Engine, openEngine } from 'sagawright';
import { memoryStore, sqliteStore } from 'sagawright/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { codeOf, collect, errorOf } from '../support/collected.ts';

const counter = setup({
  types: {
    context: {} as { readonly count: number; readonly load: string },
    events: {} as { readonly type: 'ADD' },
  },
}).createMachine({
  id: 'counter',
  context: { count: 0, load: 'x'.repeat(2_000) },
  on: { ADD: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
});

let folder: string;
const opened: Engine[] = [];

async function open(name: string): Promise<Engine> {
  const engine = await openEngine({ store: sqliteStore(join(folder, name)), machines: [counter] });
  opened.push(engine);
  return engine;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sagawright-backup-'));
});

afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function fill(engine: Engine, actors: number): Promise<void> {
  const ids = Array.from({ length: actors }, (_, index) => `c-${index}`);
  await Promise.all(ids.map((id) => engine.start(counter, { id })));
}

describe('backup', () => {
  it('copies everything while messages go on, to a database that opens and verifies', async () => {
    const engine = await open('live.db');
    await fill(engine, 2_000);
    const progress: BackupProgress[] = [];
    let copying = true;
    let acknowledged = 0;
    const working = (async () => {
      while (copying) {
        const ids = Array.from({ length: 50 }, (_, index) => `c-${(acknowledged + index) % 2_000}`);
        await Promise.all(ids.map((id) => engine.actor(counter, id).send({ type: 'ADD' })));
        acknowledged += ids.length;
      }
    })();
    const backup = await engine.backup(join(folder, 'copy.db'), {
      onProgress: (step) => progress.push(step),
    });
    copying = false;
    await working;
    // It took several steps, between which commits were made.
    expect(progress.length).toBeGreaterThan(3);
    expect(acknowledged).toBeGreaterThan(0);
    expect(backup.bytes).toBe(backup.pages * 4096);
    const copy = await open('copy.db');
    expect(await copy.verify()).toMatchObject({ actors: 2_000, mismatches: [], unverifiable: [] });
    const copied = (await collect(copy.events())).length;
    const all = await collect(engine.events());
    expect(copied).toBeGreaterThan(2_000);
    expect(copied).toBeLessThanOrEqual(all.length);
    expect(await collect(copy.events())).toEqual(all.slice(0, copied));
    // It is no longer tied to the database it came from.
    await copy.actor(counter, 'c-0').send({ type: 'ADD' });
    expect(await engine.verify()).toMatchObject({ mismatches: [], unverifiable: [] });
  });

  it('holds what was acknowledged before it was asked for', async () => {
    const engine = await open('live.db');
    await fill(engine, 1);
    await engine.actor(counter, 'c-0').send({ type: 'ADD' });
    await engine.backup(join(folder, 'copy.db'));
    const copy = await open('copy.db');
    expect((await copy.actor(counter, 'c-0').snapshot()).context.count).toBe(1);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('overwrites nothing, and never writes into the database that it copies', async () => {
    const engine = await open('live.db');
    writeFileSync(join(folder, 'taken.db'), 'something else');
    writeFileSync(join(folder, 'log.db-wal'), 'the log of another one');
    symlinkSync(folder, join(folder, 'link'));
    for (const name of [
      'live.db',
      'link/live.db',
      'live.db-journal',
      'live.db-wal',
      'live.db.lock',
      'live.db.new',
      'taken.db',
      'log.db',
      'missing/copy.db',
    ]) {
      expect([name, await codeOf(engine.backup(join(folder, name)))]).toEqual([name, 'BAD_OPTION']);
    }
    for (const path of ['', ':memory:', ' copy.db', 5 as never]) {
      expect(await codeOf(engine.backup(path))).toBe('BAD_OPTION');
    }
    expect(await codeOf(engine.backup('x', { progress: 1 } as object))).toBe('BAD_OPTION');
    await engine.backup(join(folder, 'copy.db'));
    expect(await codeOf(engine.backup(join(folder, 'copy.db')))).toBe('BAD_OPTION');
  });

  it('is made one at a time', async () => {
    const engine = await open('live.db');
    const first = engine.backup(join(folder, 'one.db'));
    expect(await codeOf(engine.backup(join(folder, 'two.db')))).toBe('BAD_OPTION');
    await first;
    await engine.backup(join(folder, 'two.db'));
  });

  it('leaves no copy when it breaks off, and the engine goes on', async () => {
    const engine = await open('live.db');
    await fill(engine, 500);
    const error = await errorOf(
      engine.backup(join(folder, 'copy.db'), {
        onProgress: () => {
          throw new Error('enough');
        },
      }),
    );
    expect(error.code).toBe('BACKUP_FAILED');
    expect(error.message).toContain('enough');
    expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual([]);
    await engine.actor(counter, 'c-0').send({ type: 'ADD' });
    await engine.backup(join(folder, 'copy.db'));
  });

  it('ends with the engine', async () => {
    const engine = await open('live.db');
    await fill(engine, 2_000);
    let stopped: Promise<void> | undefined;
    const code = await codeOf(
      engine.backup(join(folder, 'copy.db'), {
        onProgress: () => {
          stopped ??= engine.stop();
        },
      }),
    );
    await stopped;
    expect(code).toBe('ENGINE_STOPPED');
    expect(existsSync(join(folder, 'copy.db'))).toBe(false);
    expect(await codeOf(engine.backup(join(folder, 'copy.db')))).toBe('ENGINE_STOPPED');
  });

  it('is refused by a store in memory, with advice', async () => {
    await using engine = await openEngine({ store: memoryStore(), machines: [counter] });
    const error = await errorOf(engine.backup(join(folder, 'copy.db')));
    expect(error.code).toBe('BAD_OPTION');
    expect(error.message).toContain('sqliteStore');
  });
});
