// The means by which faults are made on a real machine, found or built: the preloaded shim, strace,
// libfaketime, a small disk. A means that is missing is told with its reason, for the test to skip.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { withDisk } from '../unit/store/store-files.ts';

/** A means with what it is started by, or why it is not there. */
export type Means<Value> =
  | { readonly value: Value; readonly missing: null }
  | { readonly value: null; readonly missing: string };

/** What a test context's `skip` does. */
type Skip = (condition: boolean, reason?: string) => unknown;

/** The means, or the test is skipped with the reason why there is none. */
export function need<Value>(means: Means<Value>, skip: Skip): Value {
  if (means.missing === null) return means.value;
  skip(true, means.missing);
  throw new Error(means.missing);
}

function found<Value>(value: Value): Means<Value> {
  return { value, missing: null };
}

function missing(reason: string): Means<never> {
  return { value: null, missing: reason };
}

function runs(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** A folder that goes with the test file. */
export function createFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `sagawright-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Compiles shim.c into a folder; answers with the library to preload. */
export function buildShim(folder: string): Means<string> {
  if (process.platform !== 'linux') return missing('The shim of test/faults is for Linux.');
  const library = join(folder, 'shim.so');
  const source = join(import.meta.dirname, 'shim.c');
  const args = ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', library, source, '-ldl'];
  const { status, stderr, error } = spawnSync('cc', args, { encoding: 'utf8' });
  if (error !== undefined) return missing('Needs a C compiler (`cc`).');
  // A compiler that is there and refuses the file is a fault of the file.
  if (status !== 0) throw new Error(`Expected cc to build shim.c, got: ${stderr}`);
  return found(library);
}

/** What the shim is told; see shim.c. */
export interface ShimPlan {
  /** Endings of the paths concerned. */
  readonly names: readonly string[];
  readonly call: 'fsync' | 'pwrite64';
  /** Null: only counts. */
  readonly action: 'eio' | 'enospc' | 'kill' | 'half' | 'lie' | null;
  /** From 1. */
  readonly at?: number;
  /** Default 1; 0 is all from there on. */
  readonly times?: number;
  /** Nothing happens while this file does not exist. */
  readonly armed?: string;
  /** Keeps beside each file what a power cut would leave of it. */
  readonly durable?: boolean;
  readonly log: string;
}

export function shimEnvironment(library: string, plan: ShimPlan): Readonly<Record<string, string>> {
  const { names, call, action, at = 1, times = 1, armed, durable = false, log } = plan;
  return {
    LD_PRELOAD: library,
    SHIM_NAMES: names.join(':'),
    SHIM_CALL: call,
    SHIM_DO: action ?? '',
    // A first call that never comes: everything is counted, nothing is changed.
    SHIM_AT: String(action === null ? Number.MAX_SAFE_INTEGER : at),
    SHIM_FOR: String(times),
    SHIM_DURABLE: durable ? '1' : '',
    SHIM_LOG: log,
    ...(armed === undefined ? {} : { SHIM_ARMED: armed }),
  };
}

/** How many calls the shim has met, and how many of them it has changed. */
export function readShimLog(log: string): { readonly seen: number; readonly done: number } {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  const count = (text: string): number => lines.filter((line) => line === text).length;
  return { seen: count('seen'), done: count('done') };
}

/** A command that starts another with system calls on one file changed, and writes down which. */
export function findStrace(): Means<
  (path: string, inject: string, log: string) => readonly string[]
> {
  if (!runs('strace', '-V')) return missing('Needs `strace`.');
  if (!runs('strace', '-f', 'true')) return missing('Needs the right to trace processes.');
  return found((path, inject, log) =>
    // Calls that are not traced are not injected into either.
    ['strace', '-f', '-o', log, '-P', path, '-e', 'trace=fsync,pwrite64', '-e', inject],
  );
}

const FAKETIME = ['x86_64', 'aarch64', 'arm', 'i386'].flatMap((machine) =>
  [`/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`].filter((path) => existsSync(path)),
);

/** The environment of a process whose wall clock follows a file that holds an offset ("+3600"). */
export function findFaketime(): Means<(file: string) => Readonly<Record<string, string>>> {
  const [library] = FAKETIME;
  if (library === undefined) return missing('Needs the Debian package `libfaketime`.');
  return found((file) => ({
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    // Two names of one setting, by version: only the wall clock is moved.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  }));
}

/** A command that starts another with a disk of its own at a folder, of so many MiB. */
export function findDisk(folder: string): Means<(mebibytes: number) => readonly string[]> {
  const [unshare = '', ...args] = withDisk(folder, 1);
  if (!runs(unshare, ...args, 'true')) {
    return missing('Needs `unshare -rm` and the right to mount a tmpfs in it.');
  }
  return found((mebibytes) => withDisk(folder, mebibytes));
}
