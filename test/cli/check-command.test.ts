// `sagawright check`: which sagas of a module it checks, what it prints, and how it exits.

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Ran, runCommand } from './recorded-run.ts';

const FILE = fileURLToPath(new URL('sagas-module.ts', import.meta.url));

const run = (...args: readonly string[]): Promise<Ran> => runCommand(['check', ...args]);

describe('sagawright check', () => {
  it('proves a whole saga, and exits with 0', async () => {
    const { exit, printed } = await run(FILE, '--saga', 'whole');
    expect(printed).toMatch(/^whole version 1: 0 findings \(\d+ states, \d+ transitions\)/);
    expect(exit).toBe(0);
  });

  it('shows the way to a forgotten compensation, and exits with 1', async () => {
    const { exit, printed } = await run(FILE);
    expect(printed).toContain('whole version 1: 0 findings');
    expect(printed).toContain('MISSING_COMPENSATION in failed, payment');
    expect(printed).not.toContain('lamp');
    expect(exit).toBe(1);
  });

  it('writes one JSON document with a report for each saga', async () => {
    const { printed } = await run(FILE, '--format', 'json');
    expect(JSON.parse(printed)).toMatchObject([
      { machine: { id: 'forgotten' }, ok: false },
      { machine: { id: 'whole' }, ok: true, findings: [] },
    ]);
  });

  it('writes one SARIF document with a run for each saga', async () => {
    const { printed } = await run(FILE, '--format', 'sarif');
    expect(JSON.parse(printed)).toMatchObject({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'sagawright' } } }, { results: [] }],
    });
  });

  it('says how it is used when it is asked', async () => {
    expect(await run('--help')).toMatchObject({ exit: 0, complained: '' });
  });

  it.each([
    ['no file', [], "missing required argument 'file'"],
    ['two files', ['a.ts', 'b.ts'], 'Expected 1 argument but got 2'],
    ['a file that is not there', ['none.ts'], 'Expected a file none.ts, got none'],
    ['an unknown option', [FILE, '--fast'], "unknown option '--fast'"],
    ['an unknown format', [FILE, '--format', 'xml'], 'Allowed choices are text, json, sarif'],
    ['a bound that is none', [FILE, '--faults', '0'], 'Expected --faults as a whole number of 1'],
    ['an export that is no saga', [FILE, '--saga', 'lamp'], 'it exports forgotten, whole'],
    [
      'a module without sagas',
      [fileURLToPath(new URL('../support/stock-machine.ts', import.meta.url))],
      'to export a saga, found none',
    ],
  ])('exits with 2 and says why for %s', async (_what, args, words) => {
    const { exit, printed, complained } = await run(...args);
    expect(complained).toContain(words);
    expect({ exit, printed }).toEqual({ exit: 2, printed: '' });
  });
});
