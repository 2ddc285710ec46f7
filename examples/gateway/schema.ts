// The ledger's file: its tables, and how it is opened. A reply is only as good as the disk under
// it, so synchronous=FULL is set after opening and read back: SQLite reopens a WAL file as NORMAL
// without a word. The CHECK constraints are the last line of defence; the code above them checks
// the same things first. Never holds rules of money or stock.

import Database from 'better-sqlite3';

const schemaVersion = 1;

// keys, bodies: what arrived. operations: what was answered. applied and the rest: what took effect.
const tables = `
CREATE TABLE keys (
  key TEXT PRIMARY KEY,
  arrivals INTEGER NOT NULL CHECK (arrivals > 0),
  replays INTEGER NOT NULL DEFAULT 0,
  conflicts INTEGER NOT NULL DEFAULT 0,
  faults INTEGER NOT NULL DEFAULT 0,
  CHECK (replays >= 0 AND conflicts >= 0 AND faults >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE bodies (
  key TEXT NOT NULL,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  arrivals INTEGER NOT NULL CHECK (arrivals > 0),
  PRIMARY KEY (key, path, sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE operations (
  key TEXT PRIMARY KEY,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('done', 'rejected', 'sealed')),
  status INTEGER NOT NULL,
  reply TEXT NOT NULL
) STRICT;

-- Append-only and without UNIQUE on purpose: an operation carried out twice must show here.
CREATE TABLE applied (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL,
  path TEXT NOT NULL
) STRICT;
CREATE INDEX applied_by_key ON applied (key);

CREATE TABLE tombstones (
  path TEXT NOT NULL CHECK (path IN ('/charges', '/reservations')),
  key TEXT NOT NULL,
  laid_by TEXT NOT NULL,
  PRIMARY KEY (path, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (order_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE charges (
  key TEXT PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES orders (order_id),
  currency TEXT NOT NULL,
  amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
  captured_minor INTEGER NOT NULL CHECK (captured_minor IN (0, amount_minor)),
  refunded_minor INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL CHECK (status IN ('captured', 'voided', 'declined', 'blocked')),
  CHECK (0 <= refunded_minor AND refunded_minor <= captured_minor),
  CHECK ((status IN ('captured', 'voided')) = (captured_minor > 0)),
  CHECK (status <> 'voided' OR refunded_minor = captured_minor)
) STRICT;
CREATE INDEX charges_by_order ON charges (order_id);

CREATE TABLE refunds (
  key TEXT PRIMARY KEY,
  charge_key TEXT NOT NULL REFERENCES charges (key),
  kind TEXT NOT NULL CHECK (kind IN ('void', 'refund')),
  amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0)
) STRICT;
CREATE INDEX refunds_by_charge ON refunds (charge_key);

CREATE TABLE stock (
  sku TEXT PRIMARY KEY,
  initial INTEGER NOT NULL CHECK (initial >= 0),
  available INTEGER NOT NULL CHECK (available >= 0),
  reserved INTEGER NOT NULL CHECK (reserved >= 0),
  CHECK (initial = available + reserved)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservations (
  key TEXT PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES orders (order_id),
  status TEXT NOT NULL CHECK (status IN ('reserved', 'released', 'rejected', 'blocked'))
) STRICT;
CREATE INDEX reservations_by_order ON reservations (order_id);

CREATE TABLE reservation_items (
  reservation_key TEXT NOT NULL REFERENCES reservations (key),
  sku TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (reservation_key, sku)
) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
  key TEXT PRIMARY KEY,
  reservation_key TEXT NOT NULL REFERENCES reservations (key)
) STRICT;
`;

/** A ledger that cannot be opened, or that found itself wrong. `code` says which. */
export class LedgerError extends Error {
  readonly code:
    | 'LEDGER_NOT_OPENED'
    | 'LEDGER_NOT_DURABLE'
    | 'LEDGER_FOREIGN'
    | 'LEDGER_INVARIANT'
    | 'LEDGER_BROKEN';

  constructor(code: LedgerError['code'], message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.name = 'LedgerError';
    this.code = code;
  }
}

/** Stays on in production: money that does not add up must never be answered for. */
export function invariant(holds: boolean, message: string): asserts holds {
  if (!holds) throw new LedgerError('LEDGER_INVARIANT', message);
}

/**
 * Opens the ledger's file, creating it and its tables when they are not there.
 * @throws LedgerError `LEDGER_NOT_OPENED` when there can be no file there, `LEDGER_NOT_DURABLE` when
 * a commit would not survive a power cut, `LEDGER_FOREIGN` when the file is something else.
 */
export function openDatabase(path: string): Database.Database {
  const db = openFile(path);
  try {
    setPragmas(db);
    createTables(db, path);
    return db;
  } catch (error) {
    db.close();
    const isOtherFile = error instanceof Database.SqliteError && error.code === 'SQLITE_NOTADB';
    if (!isOtherFile) throw error;
    throw new LedgerError(
      'LEDGER_FOREIGN',
      `expected ${path} to be new or a ledger, got no database`,
    );
  }
}

function openFile(path: string): Database.Database {
  try {
    return new Database(path);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new LedgerError(
      'LEDGER_NOT_OPENED',
      `expected ${path} to be a file in a folder that can be written, got: ${got}`,
      { cause },
    );
  }
}

function setPragmas(db: Database.Database): void {
  const expected = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1 };
  db.pragma('busy_timeout = 2000');
  for (const [name, value] of Object.entries(expected)) {
    db.pragma(`${name} = ${value}`);
    const got: unknown = db.pragma(name, { simple: true });
    if (got !== value) {
      throw new LedgerError(
        'LEDGER_NOT_DURABLE',
        `expected pragma ${name} to be ${value}, got ${String(got)}; give a file on a local disk`,
      );
    }
  }
}

function createTables(db: Database.Database, path: string): void {
  const create = db.transaction(() => {
    const version: unknown = db.pragma('user_version', { simple: true });
    if (version === schemaVersion) return;
    const count: unknown = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    if (version !== 0 || count !== 0) {
      throw new LedgerError(
        'LEDGER_FOREIGN',
        `expected ${path} to be new or a gateway ledger of schema ${schemaVersion}, ` +
          `got schema ${String(version)} with ${String(count)} objects; give another file`,
      );
    }
    db.exec(tables);
    db.pragma(`user_version = ${schemaVersion}`);
  });
  create.immediate();
}
