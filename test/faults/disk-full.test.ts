// A disk of a few MiB that fills up below a running engine and is emptied again. It is the process's own
// and goes with it, so the process copies the database out at the end.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkIntegrity, readJournal } from './account-store.ts';
import { codeOf, startEngine } from './engine-child.ts';
import { createFolder, findDisk, need } from './means.ts';

const folder = createFolder('disk-full');
const mount = join(folder, 'disk');
mkdirSync(mount);
const disk = findDisk(mount);

describe('a disk that is full (F12)', () => {
  it('has commands refused with a typed error, loses no outcome and no timer, and goes on', async ({
    skip,
  }) => {
    const by = need(disk, skip)(4);
    const db = join(mount, 'engine.db');
    const ballast = join(mount, 'ballast');
    const child = await startEngine({ db, postMs: 300 }, { by });
    for (const id of ['a', 'b', 'c']) await child.ask({ what: 'start', id });
    const acked = ['POST post'];
    await child.send('b', { type: 'ARM', delayMs: 300 }, 'arm');
    await child.send('a', { type: 'POST' }, 'post');
    await child.ask({ what: 'fill-disk', ballast });

    // A checkpoint makes room in the WAL now and then, until the database cannot grow either.
    const fill = 'x'.repeat(30_000);
    let inRow = 0;
    for (let count = 0; inRow < 5 && count < 500; count++) {
      const key = `fill-${count}`;
      const code = await codeOf(child.send('a', { type: 'ADD', amount: 1, fill }, key));
      expect(['accepted', 'STORE_FULL']).toContain(code);
      inRow = code === 'accepted' ? 0 : inRow + 1;
      if (code === 'accepted') acked.push(`ADD ${key}`);
    }
    expect(inRow).toBe(5);
    const big = { type: 'ADD', amount: 100, fill } as const;
    const batch = [child.send('a', big, 'no-1'), child.send('b', big, 'no-2')];
    expect(await Promise.all(batch.map(codeOf))).toEqual(['STORE_FULL', 'STORE_FULL']);
    expect(await codeOf(child.ask({ what: 'start', id: 'd' }))).toBe('STORE_FULL');
    // Reads are answered, and from what is committed.
    expect((await child.read('b')).context.total).toBe(0);
    expect((await child.ask({ what: 'health' })).health?.status).toBe('running');

    await child.ask({ what: 'free-disk', ballast });
    const paid = await child.readUntil('a', ({ value }) => value === 'posted');
    expect(paid.context.posted).toMatch(/^a@/);
    const rung = await child.readUntil('b', ({ context }) => context.rings > 0);
    expect(rung.context.rings).toBe(1);
    expect(await child.send('b', big, 'no-2')).toMatchObject({ status: 'accepted' });
    await child.ask({ what: 'stop' });
    const copy = join(folder, 'copy.db');
    await child.ask({ what: 'copy', from: db, to: copy });
    await child.ask({ what: 'leave' });
    await child.ended;

    const journal = await readJournal(copy, 'a');
    expect(journal.filter((line) => !line.startsWith('xstate.'))).toEqual(acked);
    expect(journal.filter((line) => line.startsWith('xstate.done'))).toHaveLength(1);
    expect(await readJournal(copy, 'b')).toEqual(['xstate.init', 'ARM arm', 'RING', 'ADD no-2']);
    expect(await readJournal(copy, 'd')).toEqual([]);
    expect(checkIntegrity(copy)).toBe('ok');
  });
});
