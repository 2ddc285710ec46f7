// Holds docs/errors.md to the list of codes, and the list to what the sources throw: a code that is
// not explained, or that nothing uses, is a promise that nobody keeps.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../../src/errors.ts';

const root = join(import.meta.dirname, '../../..');

/** The codes that have a heading of their own, in the order of the page. */
function explainedCodes(page: string): string[] {
  return [...page.matchAll(/^## ([A-Z][A-Z_]*)$/gm)].map(([, code]) => code ?? '');
}

/** Every source text of the engine and its stores, without the list of codes itself. */
function sources(): string {
  return ['src', 'store']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
    )
    .map((text) =>
      text
        .replace(/export const ERROR_CODES = \[[^\]]*\]/, '')
        .replace(/^\s*(\/\/|\*|\/\*).*$/gm, ''),
    )
    .join('\n');
}

function unusedCodes(codes: readonly string[], text: string): readonly string[] {
  return codes.filter((code) => !text.includes(`'${code}'`));
}

const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');

/** The first cells of the table under a heading of the page. */
function rowsUnder(heading: string): readonly (string | undefined)[] {
  const section = page.split(/^# /m).find((text) => text.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
}

describe('the page of errors', () => {
  it('explains each code once, in alphabetical order, and no other', () => {
    expect(explainedCodes(page)).toEqual([...ERROR_CODES].toSorted());
  });

  it('has no heading of that rank that is not a code', () => {
    expect(page.match(/^## .*$/gm)).toHaveLength(ERROR_CODES.length);
  });

  it('says of each code when, what it means for state, and what to do', () => {
    const incomplete = page
      .split(/^## /m)
      .slice(1)
      .filter(
        (section) =>
          !['**When:**', '**State:**', '**Do:**'].every((part) => section.includes(part)),
      );
    expect(incomplete).toEqual([]);
  });

  it('explains each code of a refused ask', () => {
    const text = readFileSync(join(root, 'src/turn/outward.ts'), 'utf8');
    const codes = [...text.matchAll(/refusal\(\s*'([A-Z_]+)'/g)].map(([, code]) => code);
    expect(codes).toContain('REFUSED');
    expect(rowsUnder('Codes of effects and asks')).toEqual(expect.arrayContaining(codes));
  });

  it('explains each reason of a dead letter', () => {
    const text = readFileSync(join(root, 'src/turn/message.ts'), 'utf8');
    const [, union = ''] = /type DeadLetterReason =([^;]*);/.exec(text) ?? [];
    const reasons = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, reason]) => reason);
    const explained = rowsUnder('Reasons of dead letters');
    expect(reasons).not.toEqual([]);
    expect(explained.toSorted()).toEqual(reasons.toSorted());
  });
});

describe('a code of an error', () => {
  it('is used somewhere in the sources', () => {
    expect(unusedCodes(ERROR_CODES, sources())).toEqual([]);
  });

  it('that only the list names is found', () => {
    expect(unusedCodes(['NEVER_THROWN'], sources())).toEqual(['NEVER_THROWN']);
  });
});
