// A migration that no release has: it changes a table that holds rows, adds one, and fills it, so that its
// commit writes many pages.

import type { Migration } from '../../store/migrations.ts';

export const NEXT: Migration = {
  name: 'of a release to come',
  sql: `
ALTER TABLE actors ADD COLUMN region TEXT NOT NULL DEFAULT 'north';
CREATE TABLE journal_copy (position INTEGER PRIMARY KEY, type TEXT NOT NULL, fill BLOB) STRICT;
INSERT INTO journal_copy SELECT position, type, randomblob(9000) FROM journal;
CREATE INDEX journal_copy_type ON journal_copy (type);
`,
};
