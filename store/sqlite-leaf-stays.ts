// How long actors of one machine stay in each of its states, region by region: what a chart shows beside
// its states. Reads the newest entries of a bounded number of actors, spread over all there are.

import type { LeafStay, LeafStayQuery, ReplyCount } from '../src/store-reader.ts';
import { checkLimit } from './commit-check.ts';
import * as rows from './rows.ts';
import type { Connection } from './sqlite-driver.ts';
import { StatementCache } from './sqlite-filter.ts';

/** Of each actor; a longer life is looked at from its end. */
const ENTRIES_OF_AN_ACTOR = 1_000;
const MAX_SAMPLE = 100_000;

/** Exported, as the ones below, for the test that holds each to its index. */
export const MACHINE_COUNT_SQL =
  'SELECT count(*) AS count FROM actors WHERE machine = ? AND machine_version = ?';

/**
 * Spreads places over 32 bits, so that no rhythm in them decides who is looked at: where parents and
 * children come by turns, every so-many-th place is one of children alone. Knuth, 6.4: multiplicative hashing.
 */
const SPREAD = '(rowid * 2654435761) & 4294967295';
const SPREAD_RANGE = 2 ** 32;

/** A share of a machine's actors, and their newest entries. */
const CHOSEN_SQL = `
  chosen AS (
    SELECT rowid AS place FROM actors
    WHERE machine = ? AND machine_version = ? AND ${SPREAD} < ? LIMIT ?
  ),
  lived AS (
    SELECT journal.*
    FROM chosen
    CROSS JOIN actors ON actors.rowid = chosen.place
    CROSS JOIN journal
      ON journal.actor = actors.id AND journal.revision > actors.revision - ${ENTRIES_OF_AN_ACTOR}
  )`;

/**
 * Actors are chosen by their place in the table: in an index, so that none is read that is not chosen, and
 * neither the oldest nor one state's alone. A leaf is a text, or a region that holds no states, which is an
 * empty object. A stay of a state lasts as long as entries follow one another that have it among their
 * active states; the row numbers tell one such run from the next. Stays that began before the first entry read, go on, or ended with a new start are not counted.
 * Percentiles by nearest rank.
 */
export const LEAF_STAYS_SQL: string = `
WITH ${CHOSEN_SQL},
  numbered AS (
    SELECT actor, kind, state, at,
      row_number() OVER of_actor AS number,
      sum(kind = 'started') OVER of_actor AS life,
      lead(at) OVER of_actor AS next_at,
      lead(kind) OVER of_actor AS next_kind
    FROM lived WHERE state IS NOT NULL WINDOW of_actor AS (PARTITION BY actor ORDER BY revision)
  ),
  leaves AS (
    SELECT actor, number, life, kind, at, next_at, next_kind,
      iif(leaf.type = 'text', leaf.fullkey, leaf.path) AS path,
      iif(leaf.type = 'text', leaf.atom, leaf.key) AS name
    FROM numbered, json_tree(numbered.state) AS leaf
    WHERE leaf.type = 'text' OR (leaf.value = '{}' AND leaf.key IS NOT NULL)
  ),
  runs AS (
    SELECT *, number - row_number() OVER (PARTITION BY actor, life, path, name ORDER BY number) AS run
    FROM leaves
  ),
  stays AS (
    SELECT path, name, min(number) AS first, life, min(at) AS since,
      max(next_at) AS until, sum(next_at IS NULL) AS goes_on, sum(next_kind = 'started') AS is_ended
    FROM runs GROUP BY actor, life, path, name, run
  ),
  ranked AS (
    SELECT path, name, max(until - since, 0) AS ms,
      row_number() OVER (PARTITION BY path, name ORDER BY max(until - since, 0)) AS rank,
      count(*) OVER (PARTITION BY path, name) AS stays
    FROM stays
    WHERE goes_on = 0 AND coalesce(is_ended, 0) = 0 AND (first > 1 OR life > 0)
  )
SELECT path, name, stays,
  max(ms) FILTER (WHERE rank = (stays * 50 + 99) / 100) AS p50_ms,
  max(ms) FILTER (WHERE rank = (stays * 95 + 99) / 100) AS p95_ms
FROM ranked GROUP BY path, name ORDER BY path, name`;

export const REPLIES_SQL: string = `
WITH ${CHOSEN_SQL}
SELECT type, count(*) AS count FROM lived
WHERE kind = 'received' AND (type GLOB 'xstate.done.actor.*' OR type GLOB 'xstate.error.actor.*')
GROUP BY type ORDER BY type`;

export class SqliteLeafStays {
  readonly #statements: StatementCache;

  constructor(db: Connection) {
    this.#statements = new StatementCache(db);
    this.#statements.get(LEAF_STAYS_SQL);
  }

  leafStays(query: LeafStayQuery): LeafStay[] {
    return this.#statements.get(LEAF_STAYS_SQL).all(this.#values(query)).map(rows.leafStay);
  }

  replies(query: LeafStayQuery): ReplyCount[] {
    return this.#statements.get(REPLIES_SQL).all(this.#values(query)).map(rows.replyCount);
  }

  #values({ machine, machineVersion, sample }: LeafStayQuery): rows.Value[] {
    checkLimit(sample, MAX_SAMPLE);
    const version = [machine, machineVersion];
    const actors = rows.count(this.#statements.get(MACHINE_COUNT_SQL).get(version));
    const below = Math.ceil((SPREAD_RANGE * sample) / Math.max(sample, actors));
    return [...version, below, sample];
  }
}
