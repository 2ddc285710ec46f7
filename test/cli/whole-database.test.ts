// `sagawright verify`, `migrate` and `backup`: what they say of a whole database, beside a running engine
// too, and how they exit.

import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEngine } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine } from 'xstate';
import { createFragile } from './fragile.ts';
import { type Ran, runCommand } from './recorded-run.ts';
import { contentsOf } from './shop-database.ts';

const MENDED = fileURLToPath(new URL('fragile-mended.ts', import.meta.url));
const fragile: AnyStateMachine = createFragile(true);

let folder = '';
let made = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sagawright-whole-'));
  made = join(folder, 'made.db');
  const engine = await openEngine({ store: sqliteStore(made), machines: [fragile] });
  for (const id of ['a', 'b', 'c']) await engine.start(fragile, { id });
  await engine.actor(fragile, 'b').send({ type: 'POKE' });
  await engine.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let copies = 0;
function copy(): string {
  copies += 1;
  const path = join(folder, `copy-${copies}.db`);
  copyFileSync(made, path);
  return path;
}

function run(db: string, ...args: readonly string[]): Promise<Ran> {
  return runCommand([...args, '--db', db, '--machines', MENDED]);
}

/** Makes `b` poorer than its journal says. */
async function damage(db: string): Promise<void> {
  const { default: Database } = await import('better-sqlite3');
  const file = new Database(db);
  file.exec(`UPDATE actors SET snapshot = replace(snapshot, '"sum":5', '"sum":3') WHERE id = 'b'`);
  file.close();
}

describe('sagawright verify', () => {
  it('finds nothing wrong, and exits with 0', async () => {
    expect(await run(copy(), 'verify')).toEqual({
      exit: 0,
      printed: '3 actors compared, 4 journal entries folded: no difference.',
      complained: '',
      asked: [],
    });
  });

  it('shows what differs by its path, and exits with 1', async () => {
    const db = copy();
    await damage(db);
    const { exit, printed } = await run(db, 'verify');
    expect(exit).toBe(1);
    expect(printed).toMatch(/^b +2 +context\.sum +3 +5$/m);
    expect(printed).toContain('1 difference');
    expect((await run(db, 'verify', 'a')).exit).toBe(0);
    const asJson = JSON.parse((await run(db, 'verify', 'b', '--json')).printed) as unknown;
    expect(asJson).toMatchObject({
      actors: 1,
      mismatches: [{ actor: 'b', path: 'context.sum', stored: 3, folded: 5 }],
    });
  });

  it('exits with 1 for actors whose machine it was not given', async () => {
    const other = join(folder, 'other.mjs');
    writeFileSync(other, machineModule('other', '1'));
    const db = copy();
    const { exit, printed } = await runCommand(['verify', '--db', db, '--machines', other]);
    expect(exit).toBe(1);
    expect(printed).toContain('3 not verifiable');
  });

  it('works beside a running engine', async () => {
    const db = copy();
    const engine = await openEngine({ store: sqliteStore(db), machines: [fragile] });
    try {
      await engine.actor(fragile, 'c').send({ type: 'POKE' });
      expect((await run(db, 'verify')).printed).toContain(
        '5 journal entries folded: no difference',
      );
    } finally {
      await engine.stop();
    }
  });

  it('says on a terminal how far it is, and in a pipe only what it found', async () => {
    let now = 0;
    const slow = { width: 80, now: () => (now += 1_500) };
    const args = ['verify', '--db', copy(), '--machines', MENDED];
    const { complained } = await runCommand(args, slow);
    expect(complained.split('\n')[0]).toMatch(/^\.\.\. \d actors, \d entries$/);
    expect((await runCommand(args, { now: slow.now })).complained).toBe('');
  });

  it('ends in the middle when it is told to', async () => {
    const args = ['verify', '--db', copy(), '--machines', MENDED];
    const ended = await runCommand(args, { signal: AbortSignal.abort() });
    expect(ended).toMatchObject({ exit: 7, printed: '' });
  });

  it('exits with 3 for an actor that is not there', async () => {
    expect(await run(copy(), 'verify', 'nobody')).toMatchObject({ exit: 3, printed: '' });
  });
});

/** A module that exports one machine with a single state, importable from anywhere. */
function machineModule(id: string, version: string): string {
  const xstate = JSON.stringify(import.meta.resolve('xstate'));
  return `import { createMachine } from ${xstate};
export const machine = createMachine({ id: '${id}', version: '${version}', initial: 'on', states: { on: {} } });`;
}

/** A config whose migration brings lamps from version 1 to 2; one of them does not fit. */
function lampConfig(name: string, migrated: string): string {
  const file = join(folder, name);
  const [xstate, sagawright] = [import.meta.resolve('xstate'), import.meta.resolve('sagawright')];
  writeFileSync(
    file,
    `import { createMachine } from ${JSON.stringify(xstate)};
import { defineConfig, migration } from ${JSON.stringify(sagawright)};
const lamp = createMachine({ id: 'lamp', version: '2', initial: 'shining', states: { shining: {}, dark: {} } });
export default defineConfig({
  machines: [lamp],
  migrations: [migration({ machine: 'lamp', from: '1', to: '2', migrate: (actor) => ({ ...actor, value: ${migrated} }) })],
});`,
  );
  return file;
}

const lamp = createMachine({
  id: 'lamp',
  version: '1',
  initial: 'on',
  states: { on: { on: { OFF: 'off' } }, off: {} },
});

async function lamps(name: string): Promise<string> {
  const db = join(folder, name);
  const engine = await openEngine({ store: sqliteStore(db), machines: [lamp] });
  await engine.start(lamp, { id: 'l1' });
  await engine.start(lamp, { id: 'l2' });
  await engine.actor(lamp, 'l2').send({ type: 'OFF' });
  await engine.stop();
  return db;
}

const GOOD = "actor.value === 'on' ? 'shining' : 'dark'";
const BAD = "actor.value === 'on' ? 'shining' : 'gone'";

describe('sagawright migrate', () => {
  it('tells what would become of each state with --check, and changes nothing', async () => {
    const db = await lamps('check.db');
    const before = await contentsOf(db);
    const good = await runCommand([
      'migrate',
      '--check',
      '--db',
      db,
      '--config',
      lampConfig('g1.mjs', GOOD),
    ]);
    expect(good).toMatchObject({ exit: 0, complained: '' });
    expect(good.printed).toMatch(/^lamp +1 +2 +off +1 +0 +l2/m);
    expect(good.printed).toContain('All go over.');
    const bad = await runCommand([
      'migrate',
      '--check',
      '--db',
      db,
      '--config',
      lampConfig('b1.mjs', BAD),
    ]);
    expect(bad.exit).toBe(1);
    expect(bad.printed).toMatch(/^lamp +1 +2 +off +1 +1 +l2 +MIGRATION_FAILED/m);
    expect(await contentsOf(db)).toEqual(before);
  });

  it('brings actors to their new version, and says how many', async () => {
    const db = await lamps('migrate.db');
    const config = lampConfig('g2.mjs', GOOD);
    const declined = await runCommand(['migrate', '--db', db, '--config', config], {
      answer: false,
    });
    expect(declined.printed).toContain('Nothing was changed.');
    const done = await runCommand(['migrate', '--db', db, '--config', config], { answer: true });
    expect(done).toMatchObject({ exit: 0, asked: ['Migrate them?'] });
    expect(done.printed).toContain('Migrated 2 actors; parked 0 roots.');
    const again = await runCommand(['migrate', '--yes', '--json', '--db', db, '--config', config]);
    expect(JSON.parse(again.printed)).toEqual({ migrated: 0, parked: 0 });
  });

  it('happens at every command that writes, which then says so', async () => {
    const db = await lamps('on-the-way.db');
    const config = lampConfig('g3.mjs', GOOD);
    const sent = await runCommand(['send', 'l1', 'OFF', '--yes', '--db', db, '--config', config]);
    expect(sent).toMatchObject({ exit: 4, printed: '' });
    expect(sent.complained).toContain('Opening has migrated 2 actors and parked 0 roots.');
  });

  it('exits with 1 when it has parked what did not fit', async () => {
    const db = await lamps('parked.db');
    const config = lampConfig('b2.mjs', BAD);
    const done = await runCommand(['migrate', '--yes', '--json', '--db', db, '--config', config]);
    expect(done.exit).toBe(1);
    expect(JSON.parse(done.printed)).toEqual({ migrated: 1, parked: 1 });
  });
});

describe('sagawright backup', () => {
  it('makes a database of its own beside a running engine', async () => {
    const db = copy();
    const target = join(folder, 'backup.db');
    const engine = await openEngine({ store: sqliteStore(db), machines: [fragile] });
    try {
      await engine.actor(fragile, 'a').send({ type: 'POKE' });
      const done = await run(db, 'backup', target, '--json');
      expect(done.exit).toBe(0);
      expect(JSON.parse(done.printed)).toMatchObject({ path: target });
      await engine.actor(fragile, 'a').send({ type: 'POKE' });
    } finally {
      await engine.stop();
    }
    expect((await run(target, 'verify')).printed).toContain(
      '5 journal entries folded: no difference',
    );
    const again = await openEngine({ store: sqliteStore(target), machines: [fragile] });
    const receipt = await again.actor(fragile, 'a').send({ type: 'POKE' });
    expect(receipt).toMatchObject({ status: 'accepted', revision: 3, position: 6 });
    await again.stop();
  });

  it('overwrites nothing, and leaves nothing behind', async () => {
    const db = copy();
    const target = join(folder, 'taken.db');
    writeFileSync(target, 'mine');
    const done = await run(db, 'backup', target);
    expect(done).toMatchObject({ exit: 2, printed: '' });
    expect(done.complained).toContain('which exists');
    expect(existsSync(`${target}.partial`)).toBe(false);
    expect(await run(db, 'backup', join(folder, 'none', 'b.db'))).toMatchObject({ exit: 2 });
    expect(await run(join(folder, 'no.db'), 'backup', target)).toMatchObject({ exit: 3 });
  });
});
