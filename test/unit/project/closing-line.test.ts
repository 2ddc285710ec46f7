// Runs vitest itself on small folders of tests and looks at the last line it prints: scripts and
// people trust that line, so a run that ends badly must never close with `0 failed`.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const reporter = join(import.meta.dirname, '../../reporter/closing-line.ts');
const vitest = join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sagawright-closing-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function runTests(files: Readonly<Record<string, string>>): { exitCode: number; lines: string[] } {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { VITEST, VITEST_WORKER_ID, VITEST_POOL_ID, ...env } = process.env;
  const run = spawnSync(
    process.execPath,
    [vitest, 'run', `--root=${folder}`, '--globals', '--reporter=dot', `--reporter=${reporter}`],
    { cwd: folder, env, encoding: 'utf8' },
  );
  return { exitCode: run.status ?? -1, lines: run.stdout.trimEnd().split('\n') };
}

describe('the closing line of a test run', () => {
  it('counts what passed', () => {
    const run = runTests({ 'a.test.js': 'test("a", () => {}); test("b", () => {});' });
    expect(run.lines.at(-1)).toBe('2 passed, 0 failed');
    expect(run.exitCode).toBe(0);
  });

  it('counts what failed, and the run fails', () => {
    const run = runTests({ 'a.test.js': 'test("a", () => {}); test("b", () => { throw 1; });' });
    expect(run.lines.at(-1)).toBe('1 passed, 1 failed');
    expect(run.exitCode).toBe(1);
  });

  it('counts what was skipped and lists it with its reason', () => {
    const run = runTests({
      'a.test.js': `
        test("a", () => {});
        test("needs cc", (context) => context.skip("no C compiler here"));
        test.skip("off", () => {});`,
    });
    expect(run.lines.slice(-5)).toEqual([
      'Skipped:',
      '  a.test.js > needs cc: no C compiler here',
      '  a.test.js > off: marked skip in the source, no reason given',
      '',
      '1 passed, 0 failed, 2 skipped',
    ]);
  });

  it('counts a file that does not load as failed', () => {
    const run = runTests({
      'a.test.js': 'test("a", () => {});',
      'b.test.js': 'throw new Error();',
    });
    expect(run.lines.at(-1)).toBe('1 passed, 1 failed');
  });

  it('counts a broken hook as failed and says which tests it kept from running', () => {
    const run = runTests({
      'a.test.js':
        'describe("shop", () => { beforeAll(() => { throw 1; }); test("opens", () => {}); });',
    });
    expect(run.lines).toContain('  a.test.js > shop > opens: not run: shop failed before it');
    expect(run.lines.at(-1)).toBe('0 passed, 1 failed, 1 skipped');
  });

  it('counts an error outside of every test as failed', () => {
    const run = runTests({
      'a.test.js': 'test("a", () => { Promise.reject(new Error("stray")); });',
    });
    expect(run.lines.at(-1)).toBe('1 passed, 1 failed');
    expect(run.exitCode).toBe(1);
  });

  it('counts a run without any test as failed', () => {
    const run = runTests({});
    expect(run.lines.at(-1)).toBe('0 passed, 1 failed');
    expect(run.exitCode).toBe(1);
  });
});
