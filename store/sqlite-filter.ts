// Optional conditions of a query as SQL with bound values, and the prepared statements they lead to.
// No value ever becomes part of a text, so the texts are few and each is prepared once.

import type { Value } from './rows.ts';
import type { Connection, Statement } from './sqlite-driver.ts';

export class Filter {
  readonly #conditions: string[] = [];
  readonly values: Value[] = [];

  /** Adds a condition with one `?` for each value, unless the value was not asked for. */
  when(condition: string, value: Value | undefined, times = 1): this {
    if (value !== undefined) {
      this.#conditions.push(condition);
      for (let count = 0; count < times; count++) {
        this.values.push(value);
      }
    }
    return this;
  }

  /** `WHERE ...`, or nothing. */
  get where(): string {
    return this.#conditions.length === 0 ? '' : `WHERE ${this.#conditions.join(' AND ')}`;
  }
}

export class StatementCache {
  readonly #db: Connection;
  readonly #prepared: Map<string, Statement> = new Map();

  constructor(db: Connection) {
    this.#db = db;
  }

  get(sql: string): Statement {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}
