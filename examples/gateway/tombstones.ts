// Keys that are refused for ever because their undo came before them: a void that finds no charge
// cannot know whether the charge is lost or late, so it makes the late one impossible.

import type Database from 'better-sqlite3';

export type UndoablePath = '/charges' | '/reservations';

export interface Tombstones {
  has(path: UndoablePath, key: string): boolean;
  /** Laying it twice changes nothing. @param laidBy the key of the void or release. */
  lay(path: UndoablePath, key: string, laidBy: string): void;
}

export function createTombstones(db: Database.Database): Tombstones {
  const find = db.prepare<[string, string]>('SELECT 1 FROM tombstones WHERE path = ? AND key = ?');
  const insert = db.prepare<[string, string, string]>(
    'INSERT OR IGNORE INTO tombstones (path, key, laid_by) VALUES (?, ?, ?)',
  );
  return {
    has: (path, key) => find.get(path, key) !== undefined,
    lay: (path, key, laidBy) => {
      insert.run(path, key, laidBy);
    },
  };
}
