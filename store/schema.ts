// The tables as SQL, one numbered text for each migration. A text that has been released is never
// edited: its hash is stored in every database that ran it. STRICT tables keep types honest
// (https://sqlite.org/stricttables.html); SQL is snake_case and mapped in rows.ts.

/**
 * The first schema.
 *
 * - `journal.position` is AUTOINCREMENT: without it SQLite reuses the positions of pruned entries.
 * - `actors` holds all of an actor in one row, so recovery is two scans: `actors_to_wake` and
 *   `actors_running`, partial, so that dormant actors cost nothing.
 * - `actors_by_state` answers lists by machine, version, state and status, for parallel states too: the
 *   few distinct combinations are found by skipping through it.
 * - Children alone are in `actors_by_root` and `actors_by_parent`; a root is its own key.
 * - `tombstones.key` is empty for the id itself.
 * - The views are for people; they read whatever JSON is valid and skip the rest.
 */
export const SCHEMA_1: string = `
CREATE TABLE journal (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  actor TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  kind TEXT NOT NULL CHECK (kind IN ('started', 'received', 'emitted', 'noted')),
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  state TEXT,
  at INTEGER NOT NULL,
  key TEXT,
  correlation TEXT,
  causation TEXT
) STRICT;
CREATE UNIQUE INDEX journal_by_actor ON journal (actor, revision);
CREATE UNIQUE INDEX journal_by_key ON journal (actor, key) WHERE key IS NOT NULL;

CREATE TABLE actors (
  id TEXT NOT NULL PRIMARY KEY,
  root TEXT NOT NULL,
  parent TEXT,
  machine TEXT NOT NULL,
  machine_version TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  incarnation INTEGER NOT NULL CHECK (incarnation >= 1),
  status TEXT NOT NULL CHECK (status IN ('active', 'done', 'error', 'stopped', 'parked')),
  state TEXT NOT NULL,
  snapshot TEXT NOT NULL,
  pending TEXT NOT NULL,
  running INTEGER NOT NULL CHECK (running IN (0, 1)),
  wake_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX actors_by_state ON actors (machine, machine_version, state, status, id);
CREATE INDEX actors_to_wake ON actors (wake_at, id)
  WHERE status = 'active' AND wake_at IS NOT NULL;
CREATE INDEX actors_running ON actors (id) WHERE running = 1;
CREATE INDEX actors_by_root ON actors (root, id) WHERE parent IS NOT NULL;
CREATE INDEX actors_by_parent ON actors (parent, id) WHERE parent IS NOT NULL;

CREATE TABLE inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  target TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT;

CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  error TEXT NOT NULL,
  at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  replays INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX dead_letters_by_reason ON dead_letters (reason, id);
CREATE INDEX dead_letters_by_actor ON dead_letters (actor, id);

CREATE TABLE system_ids (
  root TEXT NOT NULL,
  system_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  PRIMARY KEY (root, system_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE machines (
  machine TEXT NOT NULL,
  version TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  definition TEXT NOT NULL,
  registered_at INTEGER NOT NULL,
  PRIMARY KEY (machine, version)
) STRICT;

CREATE TABLE transaction_results (
  key TEXT NOT NULL PRIMARY KEY,
  result TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstones (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (actor, key)
) STRICT;
CREATE INDEX tombstones_by_expiry ON tombstones (expires_at);

CREATE TABLE checkpoints (
  projection TEXT NOT NULL PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT;

CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
INSERT INTO meta (name, value) VALUES
  ('about', 'Durable actors of sagawright. Read freely, and let only the engine write.');

CREATE VIEW v_timers AS
SELECT
  actors.id AS actor,
  timer.key AS timer,
  timer.value ->> '$.generation' AS generation,
  timer.value ->> '$.dueAt' AS due_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (timer.value ->> '$.dueAt') / 1000.0, 'unixepoch') AS due,
  timer.value ->> '$.event.type' AS event_type,
  timer.value -> '$.event' AS event,
  timer.value ->> '$.to' AS target,
  actors.status AS actor_status
FROM actors, json_each(iif(json_valid(actors.pending), actors.pending, '{}'), '$.timers') AS timer;

CREATE VIEW v_effects AS
SELECT
  actors.id AS actor,
  effect.key AS effect,
  effect.value ->> '$.src' AS src,
  effect.value ->> '$.key' AS key,
  effect.value ->> '$.attempt' AS attempt,
  effect.value ->> '$.retryAt' AS retry_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', (effect.value ->> '$.retryAt') / 1000.0, 'unixepoch') AS retry,
  effect.value -> '$.input' AS input,
  actors.status AS actor_status
FROM actors, json_each(iif(json_valid(actors.pending), actors.pending, '{}'), '$.effects') AS effect;
`;
