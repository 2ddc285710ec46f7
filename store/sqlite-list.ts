// Lists of actors, and the counts of health. Three ways to find a page without reading what does not
// belong to it: by family (few rows), by state (the distinct combinations of machine, version,
// state and status are few, each is a range of one index in order of id), or by id alone.

import type { ActorGroup, ActorRecord, ListQuery } from '../src/store.ts';
import type { GroupCount } from '../src/store-reader.ts';
import { checkLimit } from './commit-check.ts';
import * as rows from './rows.ts';
import type { Connection } from './sqlite-driver.ts';
import { Filter, StatementCache } from './sqlite-filter.ts';
import { IN_STATE_SQL, isInState } from './state-path.ts';

/**
 * Exported, as the ones below, for the test that holds each to its index.
 * Four jumps, the first that finds something: SQLite would answer `(machine, ..., status) > (...)` by
 * walking through all actors of the present group (88 ms for a million, against microseconds).
 */
export const NEXT_GROUP_SQL: string = [
  'machine = ? AND machine_version = ? AND state = ? AND status > ?',
  'machine = ? AND machine_version = ? AND state > ?',
  'machine = ? AND machine_version > ?',
  'machine > ?',
]
  .map(
    (after) =>
      `SELECT * FROM (SELECT machine, machine_version, state, status FROM actors WHERE ${after} ORDER BY machine, machine_version, state, status LIMIT 1)`,
  )
  .join(' UNION ALL ')
  .concat(' LIMIT 1');
export const GROUP_PAGE_SQL: string = `SELECT id FROM actors
  WHERE machine = ? AND machine_version = ? AND state = ? AND status = ? AND id > ? ORDER BY id LIMIT ?`;
export const GROUP_COUNT_SQL: string = `SELECT count(*) AS count FROM actors
  WHERE machine = ? AND machine_version = ? AND state = ? AND status = ?`;
const PAGE_OF_IDS_SQL = `SELECT ${rows.ACTOR_COLUMNS} FROM actors
  WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?`;
/** Descendants by their index, and the root by its own key. */
export const FAMILY_SQL: string = `id IN (SELECT id FROM actors WHERE root = ? AND parent IS NOT NULL
  UNION ALL SELECT ?)`;
export const CHILDREN_SQL = 'parent = ?';

type Start = Readonly<Record<keyof ActorGroup, string>>;

/** The values of {@link NEXT_GROUP_SQL}. */
function jump({ machine, machineVersion, state, status }: Start): rows.Value[] {
  const version = [machine, machineVersion];
  return [...version, state, status, ...version, state, ...version, machine];
}

export class Lister {
  readonly #statements: StatementCache;

  constructor(db: Connection) {
    this.#statements = new StatementCache(db);
    this.#statements.get(NEXT_GROUP_SQL);
  }

  list(query: ListQuery): ActorRecord[] {
    checkLimit(query.limit);
    if (query.parent !== undefined || query.root !== undefined) {
      return this.#family(query);
    }
    const { machine, machineVersion, state, status } = query;
    return [machine, machineVersion, state, status].every((each) => each === undefined)
      ? this.#family(query)
      : this.#byState(query);
  }

  #family(query: ListQuery): ActorRecord[] {
    const filter = new Filter()
      .when(CHILDREN_SQL, query.parent)
      .when(FAMILY_SQL, query.root, 2)
      .when('root = ?', query.root)
      .when('machine = ?', query.machine)
      .when('machine_version = ?', query.machineVersion)
      .when('status = ?', query.status)
      .when(IN_STATE_SQL, query.state, 2)
      .when('id > ?', query.after);
    return this.#statements
      .get(`SELECT ${rows.ACTOR_COLUMNS} FROM actors ${filter.where} ORDER BY id LIMIT ?`)
      .all([...filter.values, query.limit])
      .map(rows.actorRecord);
  }

  #byState(query: ListQuery): ActorRecord[] {
    const ids: unknown[] = [];
    const page = this.#statements.get(GROUP_PAGE_SQL).pluck();
    for (const { machine, machineVersion, state, status } of this.groups(query)) {
      const group = [machine, machineVersion, state, status];
      for (const id of page.all([...group, query.after ?? '', query.limit])) ids.push(id);
    }
    return this.#statements
      .get(PAGE_OF_IDS_SQL)
      .all(JSON.stringify(ids), query.limit)
      .map(rows.actorRecord);
  }

  /**
   * Distinct combinations that a query matches, by a jump in the index to the next one each:
   * microseconds apiece, however many actors they hold.
   */
  groups(query: Omit<ListQuery, 'limit'> = {}): ActorGroup[] {
    const next = this.#statements.get(NEXT_GROUP_SQL);
    const found: ActorGroup[] = [];
    const machineVersion = query.machine === undefined ? '' : (query.machineVersion ?? '');
    const start = { machine: query.machine ?? '', machineVersion, state: '', status: '' };
    let row = next.get(jump(start));
    while (row !== undefined) {
      const group = rows.actorGroup(row);
      if (query.machine !== undefined && group.machine !== query.machine) {
        break;
      }
      if (
        (query.machineVersion === undefined || group.machineVersion === query.machineVersion) &&
        (query.status === undefined || group.status === query.status) &&
        (query.state === undefined || isInState(group.state, query.state))
      ) {
        found.push(group);
      }
      row = next.get(jump(group));
    }
    return found;
  }

  /** How many actors have one of those statuses. */
  counts(): { readonly actors: number; readonly parked: number; readonly failed: number } {
    let parked = 0;
    let failed = 0;
    for (const group of this.groups()) {
      const { status } = group;
      if (status === 'parked' || status === 'error') {
        const count = this.#countOf(group);
        parked += status === 'parked' ? count : 0;
        failed += status === 'error' ? count : 0;
      }
    }
    const all = this.#statements.get('SELECT count(*) AS count FROM actors').get();
    return { actors: rows.count(all), parked, failed };
  }

  /** Every combination with its actors, counted in the index. */
  groupCounts(): GroupCount[] {
    return this.groups().map((group) => ({ ...group, count: this.#countOf(group) }));
  }

  #countOf({ machine, machineVersion, state, status }: ActorGroup): number {
    const row = this.#statements.get(GROUP_COUNT_SQL).get([machine, machineVersion, state, status]);
    return rows.count(row);
  }

  deadLetterReasons(): Readonly<Record<string, number>> {
    const found = this.#statements
      .get('SELECT reason, count(*) AS count FROM dead_letters GROUP BY reason ORDER BY reason')
      .all()
      .map(rows.reasonCount);
    return Object.fromEntries(found);
  }

  inboxCount(): number {
    return rows.count(this.#statements.get('SELECT count(*) AS count FROM inbox').get());
  }

  oldestWakeAt(): number | null {
    const row = this.#statements
      .get(
        "SELECT min(wake_at) AS wake_at FROM actors WHERE status = 'active' AND wake_at IS NOT NULL",
      )
      .get();
    return rows.oldestWakeAt(row);
  }
}
