// The contract over SQLite files, each place a directory of its own.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { sqliteStore } from '../../store/index.ts';
import { describeStore } from './store.suite.ts';

const root = mkdtempSync(join(tmpdir(), 'sagawright-contract-'));
let places = 0;

afterAll(() => rmSync(root, { recursive: true, force: true }));

describeStore('SQLite store', () => {
  places += 1;
  const path = join(root, `place-${places}.db`);
  return { store: () => sqliteStore(path) };
});
