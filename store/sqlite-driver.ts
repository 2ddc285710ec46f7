// The one place that loads better-sqlite3, after a look at what runs this process: its binary ends
// the process without a word on a Node without Node-API 10 (seen: segmentation fault on Node 20), so
// the check must come before the import.

import { createRequire } from 'node:module';
import { EngineError } from '../src/errors.ts';

// What this store uses of better-sqlite3, described here: its own types come from a package that our
// users do not get, and would silently become `any` in the published declarations.

/** Rows come back as `unknown`; rows.ts alone turns them into records. */
export interface Statement {
  run(...values: unknown[]): {
    readonly changes: number;
    readonly lastInsertRowid: number | bigint;
  };
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
  pluck(): Statement;
}

/** How far a copy is. */
interface CopyProgress {
  readonly totalPages: number;
  readonly remainingPages: number;
}

export interface Connection {
  readonly inTransaction: boolean;
  prepare(sql: string): Statement;
  exec(sql: string): unknown;
  pragma(source: string, options?: { readonly simple?: boolean }): unknown;
  /** Copies in steps; `progress` answers with how many pages the next one takes. */
  backup(
    path: string,
    options: { readonly progress: (at: CopyProgress) => number },
  ): Promise<CopyProgress>;
  close(): unknown;
}

export interface Driver {
  new (
    path: string,
    options?: {
      readonly readonly?: boolean;
      readonly fileMustExist?: boolean;
      readonly timeout?: number;
    },
  ): Connection;
}

/** 3.51.3 fixed a race of two connections at a WAL reset that could corrupt the database. */
const LEAST_SQLITE = '3.51.3';
const LEAST_NODE = '22.12.0';
/** better-sqlite3 13 and later are built against it; 12 is built for one Node version. */
const LEAST_NODE_API = 10;

/** Whether dotted version `version` is at least `least`. */
export function isAtLeast(version: string, least: string): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  for (const [index, wanted] of least.split('.').entries()) {
    const part = parts[index] ?? 0;
    if (part !== Number(wanted)) {
      return part > Number(wanted);
    }
  }
  return true;
}

/** @throws EngineError `NODE_UNSUPPORTED` */
export function checkRuntime(
  runtime: { readonly node: string; readonly nodeApi: number },
  driverVersion: string,
): void {
  const needsNodeApi = isAtLeast(driverVersion, '13');
  if (isAtLeast(runtime.node, LEAST_NODE) && (!needsNodeApi || runtime.nodeApi >= LEAST_NODE_API)) {
    return;
  }
  const expected = needsNodeApi
    ? `Node ${LEAST_NODE} or later with Node-API ${LEAST_NODE_API} (22.14, 23.6, 24 or later)`
    : `Node ${LEAST_NODE} or later`;
  throw new EngineError(
    'NODE_UNSUPPORTED',
    `Expected ${expected} for better-sqlite3 ${driverVersion}, got Node ${runtime.node} with Node-API ${runtime.nodeApi}. Run with a newer Node.`,
    { details: { ...runtime, driverVersion } },
  );
}

/** @throws EngineError `STORE_UNREADABLE` */
export function checkSqlite(version: string): void {
  if (!isAtLeast(version, LEAST_SQLITE)) {
    throw new EngineError(
      'STORE_UNREADABLE',
      `Expected SQLite ${LEAST_SQLITE} or later (older ones can corrupt a WAL), got ${version}. Update better-sqlite3.`,
      { details: { sqlite: version, least: LEAST_SQLITE } },
    );
  }
}

function installedVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('better-sqlite3/package.json');
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    return String(manifest.version);
  }
  return 'unknown';
}

/**
 * @param load for tests
 * @throws EngineError `NODE_UNSUPPORTED`, `STORE_UNREADABLE` (SQLite too old)
 */
export async function loadDriver(
  load: () => Promise<{ readonly default: Driver }> = () => import('better-sqlite3'),
): Promise<Driver> {
  const { node, napi } = process.versions;
  const driverVersion = installedVersion();
  checkRuntime({ node, nodeApi: Number(napi ?? 0) }, driverVersion);
  try {
    const { default: driver } = await load();
    // The binary is loaded by the first connection, not by the import.
    const probe = new driver(':memory:');
    try {
      checkSqlite(String(probe.prepare('SELECT sqlite_version()').pluck().get()));
    } finally {
      probe.close();
    }
    return driver;
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError(
      'NODE_UNSUPPORTED',
      `Expected a better-sqlite3 built for Node ${node}, got one that does not load. Run \`npm rebuild better-sqlite3\`.`,
      { details: { node, driverVersion }, cause },
    );
  }
}
