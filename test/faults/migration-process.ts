// A program of a release to come, with one more migration: brings a database to its schema and ends. To be
// killed on the way. Its only argument is the database.

import Database from 'better-sqlite3';
import { MIGRATIONS, migrate } from '../../store/migrations.ts';
import { NEXT } from './next-migration.ts';

const path = process.argv[2] ?? '';
const db = new Database(path);
db.pragma('synchronous = FULL');
db.pragma('wal_autocheckpoint = 0');
migrate(db, path, [...MIGRATIONS, NEXT]);
process.send?.('migrated');
process.once('disconnect', () => process.exit());
