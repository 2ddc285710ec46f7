// Numbers about all actors and the journal, for those who look. Counts come from indexes alone; what
// needs rows reads a bounded part of them, the newest.

import type { Position } from '../src/ids.ts';
import type { StateStay } from '../src/store-reader.ts';
import { checkLimit } from './commit-check.ts';
import * as rows from './rows.ts';
import type { Connection } from './sqlite-driver.ts';
import { StatementCache } from './sqlite-filter.ts';

/** Exported, as the ones below, for the test that holds each to its index. */
export const WAKING_COUNT_SQL = `SELECT count(*) AS count FROM actors
  WHERE status = 'active' AND wake_at IS NOT NULL AND wake_at <= ?`;
export const RUNNING_COUNT_SQL = 'SELECT count(*) AS count FROM actors WHERE running = 1';
export const OLDEST_POSITION_SQL = 'SELECT min(position) AS position FROM journal';
export const NEWEST_POSITION_SQL = 'SELECT max(position) AS position FROM journal';
export const ENTRY_AT_SQL =
  'SELECT position, at FROM journal WHERE position <= ? ORDER BY position DESC LIMIT 1';

/**
 * Stays between entering a state and leaving it, from the newest entries: a stay whose begin is older, one
 * that goes on, and one that a new start of the actor ended are not counted. An entry without a state
 * changed none. Percentiles by nearest rank. Materialized: the sample is read by position first; else SQLite
 * would walk through the whole journal by actor, to save the sort of the first window.
 */
export const STAYS_SQL = `
WITH
  stated AS MATERIALIZED (
    SELECT actor, revision, kind, state, at FROM journal
    WHERE position > ? AND state IS NOT NULL
  ),
  compared AS (
    SELECT *, lag(state) OVER (PARTITION BY actor ORDER BY revision) AS before FROM stated
  ),
  entered AS (
    SELECT actor, revision, kind, state, before, at FROM compared
    WHERE kind = 'started' OR before IS NOT state
  ),
  bounded AS (
    SELECT actor, kind, state, before, at,
      lead(at) OVER of_actor AS left_at, lead(kind) OVER of_actor AS next_kind
    FROM entered WINDOW of_actor AS (PARTITION BY actor ORDER BY revision)
  ),
  stays AS (
    SELECT machine, bounded.state AS state, max(left_at - at, 0) AS ms
    FROM bounded JOIN actors ON actors.id = bounded.actor
    WHERE left_at IS NOT NULL AND next_kind <> 'started' AND (kind = 'started' OR before IS NOT NULL)
  ),
  ranked AS (
    SELECT machine, state, ms,
      row_number() OVER (PARTITION BY machine, state ORDER BY ms) AS rank,
      count(*) OVER (PARTITION BY machine, state) AS stays
    FROM stays
  )
SELECT machine, state, stays,
  max(ms) FILTER (WHERE rank = (stays * 50 + 99) / 100) AS p50_ms,
  max(ms) FILTER (WHERE rank = (stays * 95 + 99) / 100) AS p95_ms,
  max(ms) AS longest_ms
FROM ranked GROUP BY machine, state ORDER BY machine, state`;

/** Most entries that statistics read. */
const MAX_SAMPLE = 1_000_000;

export class SqliteStatistics {
  readonly #statements: StatementCache;

  constructor(db: Connection) {
    this.#statements = new StatementCache(db);
    this.#statements.get(STAYS_SQL);
  }

  stays(sample: number): StateStay[] {
    checkLimit(sample, MAX_SAMPLE);
    const newest = this.newest() ?? 0;
    return this.#statements
      .get(STAYS_SQL)
      .all(newest - sample)
      .map(rows.stateStay);
  }

  /** Actors that want to be woken at or before a moment. */
  waking(before: number): number {
    return rows.count(this.#statements.get(WAKING_COUNT_SQL).get(before));
  }

  running(): number {
    return rows.count(this.#statements.get(RUNNING_COUNT_SQL).get());
  }

  oldest(): Position | null {
    return rows.positionOrNull(this.#statements.get(OLDEST_POSITION_SQL).get());
  }

  newest(): Position | null {
    return rows.positionOrNull(this.#statements.get(NEWEST_POSITION_SQL).get());
  }

  /** About 20 look-ups by key for a million entries: the journal needs no index by time. */
  positionBefore(at: number): Position | null {
    let least = this.oldest() ?? 1;
    let most: number = this.newest() ?? 0;
    let found: Position | null = null;
    while (least <= most) {
      const middle = Math.floor((least + most) / 2);
      const entry = rows.journalMoment(this.#statements.get(ENTRY_AT_SQL).get(middle));
      if (entry.at < at) {
        found = entry.position;
        least = (middle + 1) as Position;
      } else {
        most = entry.position - 1;
      }
    }
    return found;
  }
}
