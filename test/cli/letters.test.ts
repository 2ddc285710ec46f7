// `sagawright retry` of a failed actor, and `dead-letters retry|discard|purge`: what becomes of letters
// and their actors, once the machine was mended.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEngine } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf } from '../support/collected.ts';
import { createFragile } from './fragile.ts';
import { type Ran, runCommand } from './recorded-run.ts';
import { contentsOf } from './shop-database.ts';

const MENDED = fileURLToPath(new URL('fragile-mended.ts', import.meta.url));

let folder = '';
let db = '';

/** `failed` has failed on an outcome: letter 1. `poked` has refused an event: letter 2. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sagawright-letters-'));
  db = join(folder, 'letters.db');
  const broken = createFragile(false);
  const engine = await openEngine({ store: sqliteStore(db), machines: [broken] });
  try {
    const failed = await engine.start(broken, { id: 'failed' });
    const ended = codeOf(failed.waitFor('paid'));
    await failed.send({ type: 'PAY' });
    expect(await ended).toBe('ACTOR_FAILED');
    const poked = await engine.start(broken, { id: 'poked' });
    expect(await codeOf(poked.send({ type: 'POKE' }))).toBe('STEP_FAILED');
  } finally {
    await engine.stop();
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: readonly string[]): Promise<Ran> {
  return runCommand([...args, '--db', db, '--machines', MENDED]);
}

async function stateOf(id: string): Promise<unknown> {
  const { actors } = JSON.parse((await run('list', '--json')).printed) as {
    readonly actors: readonly {
      readonly id: string;
      readonly state: string;
      readonly status: string;
    }[];
  };
  return actors.find((actor) => actor.id === id);
}

async function lettersLeft(): Promise<readonly number[]> {
  const { printed } = await run('dead-letters', '--json');
  const { deadLetters } = JSON.parse(printed) as {
    readonly deadLetters: readonly { readonly id: number }[];
  };
  return deadLetters.map(({ id }) => id);
}

describe('sagawright retry of a failed actor', () => {
  it('delivers what it failed on again, and the actor goes on', async () => {
    const retried = await run('retry', 'failed', '--yes');
    expect(retried.exit).toBe(0);
    expect(retried.printed).toContain('Letter 1 of failed: STEP_FAILED on charge: RangeError');
    expect(retried.printed).toContain('now in paid');
    expect(await stateOf('failed')).toMatchObject({ status: 'active', state: 'paid' });
    expect(await lettersLeft()).toEqual([2]);
    expect((await run('verify')).exit).toBe(0);
  });

  it('only shows the letter with --dry-run', async () => {
    const before = await contentsOf(db);
    const look = await run('retry', 'failed', '--dry-run');
    expect(look.exit).toBe(0);
    expect(look.printed).toContain('It would be delivered to failed again.');
    const asJson = await run('retry', 'failed', '--dry-run', '--json');
    expect(JSON.parse(asJson.printed)).toMatchObject({ dryRun: true, letter: { id: 1 } });
    expect(await contentsOf(db)).toEqual(before);
  });

  it('exits with 3 when its letter was discarded', async () => {
    await run('dead-letters', 'discard', '1', '--yes');
    const retried = await run('retry', 'failed', '--yes');
    expect(retried).toMatchObject({ exit: 3, printed: '' });
    expect(retried.complained).toContain('it has been discarded');
  });
});

describe('sagawright dead-letters', () => {
  it('retries a refused event', async () => {
    const retried = await run('dead-letters', 'retry', '2', '--yes');
    expect(retried.exit).toBe(0);
    expect(retried.printed).toContain('poked took POKE at revision 2: now in open.');
    expect(await lettersLeft()).toEqual([1]);
  });

  it('answers a retry as one JSON document', async () => {
    const { printed } = await run('dead-letters', 'retry', '2', '--yes', '--json');
    expect(JSON.parse(printed)).toMatchObject({
      actor: 'poked',
      receipt: { status: 'accepted', revision: 2 },
      now: { value: 'open' },
    });
  });

  it('discards one letter, and shows it before', async () => {
    const look = await run('dead-letters', 'discard', '2', '--dry-run');
    expect(look.printed).toContain('Letter 2 of poked: STEP_FAILED on POKE: RangeError');
    expect(await lettersLeft()).toEqual([1, 2]);
    const discarded = await run('dead-letters', 'discard', '2', '--yes');
    expect(discarded).toMatchObject({ exit: 0 });
    expect(discarded.printed).toContain('Discarded.');
    expect(await lettersLeft()).toEqual([1]);
  });

  it('purges those that are old enough, of one actor or reason', async () => {
    const nothing = await run('dead-letters', 'purge', '--older-than', '1h', '--yes');
    expect(nothing.printed).toBe('Discarded 0 dead letters.');
    const look = await run('dead-letters', 'purge', '--older-than', '0ms', '--dry-run', '--json');
    expect(JSON.parse(look.printed)).toEqual({
      dryRun: true,
      letters: 2,
      byReason: { STEP_FAILED: 2 },
    });
    expect(await lettersLeft()).toEqual([1, 2]);
    const purged = await run(
      'dead-letters',
      'purge',
      '--older-than',
      '0ms',
      '--actor',
      'poked',
      '--yes',
    );
    expect(purged.printed).toBe('Discarded 1 dead letters.');
    expect(await lettersLeft()).toEqual([1]);
  });

  it.each([
    ['a letter that is not there', ['retry', '9', '--yes'], 3, 'Expected a dead letter with id 9'],
    [
      'a letter that is not there',
      ['discard', '9', '--dry-run'],
      3,
      'Expected a dead letter with id 9',
    ],
    ['no number', ['retry', 'one', '--yes'], 2, 'whole number'],
    ['an age that is none', ['purge', '--older-than', 'old', '--yes'], 2, '--older-than'],
    ['nobody to ask', ['discard', '1'], 2, 'Expected --yes'],
    ['nobody to ask', ['purge', '--older-than', '0ms'], 2, 'Expected --yes'],
  ])('changes nothing for %s: %j', async (_what, args, exit, words) => {
    const before = await contentsOf(db);
    const done = await run('dead-letters', ...args);
    expect(done).toMatchObject({ exit, printed: '' });
    expect(done.complained).toContain(words);
    expect(await contentsOf(db)).toEqual(before);
  });
});
