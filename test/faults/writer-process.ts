// Another program on a database: takes its write lock, says so, and gives it back when it is told to.
// Knows nothing of the engine. Its only argument is the database.

import Database from 'better-sqlite3';

const db = new Database(process.argv[2] ?? '', { timeout: 5_000 });
db.exec('BEGIN IMMEDIATE');
process.once('disconnect', () => process.exit());
process.once('message', () => {
  db.exec('COMMIT');
  db.close();
  process.disconnect();
});
process.send?.('locked');
