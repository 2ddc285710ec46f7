// Holds every source file to the project's style, and every rule of style to a text it must refuse.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkStyle, type SourceFile, styleRules } from './style-rules.ts';

const root = join(import.meta.dirname, '../../..');
const folders = ['src', 'store', 'machines', 'examples', 'bench'];

const opening = '// Adds numbers for the turn.\n// Never touches the store.\n\n';

function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(root, { withFileTypes: true }).some(({ name }) => name === folder)
    ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => ({
          path: relative(root, path).split(sep).join('/'),
          text: readFileSync(path, 'utf8'),
        }))
    : [];
}

function brokenRules(path: string, text: string): string[] {
  return styleRules.filter(({ check }) => check({ path, text }).length > 0).map(({ name }) => name);
}

describe('the style of the sources', () => {
  it.each(folders)('holds in every file of %s', (folder) => {
    expect(sourceFiles(folder).flatMap(checkStyle)).toEqual([]);
  });

  it('is looked at in files that are there', () => {
    const paths = sourceFiles('src').map(({ path }) => path);
    expect(paths).toContain('src/platform.ts');
  });
});

describe('a rule of style', () => {
  const clock = 'clock, timer or randomness outside of src/platform.ts';
  const planted: readonly (readonly [rule: string, path: string, text: string])[] = [
    ['file too long', 'src/turn.ts', opening + 'export {};\n'.repeat(398)],
    ['no opening comment', 'src/turn.ts', 'export const one = 1;\n'],
    ['no opening comment', 'src/turn.ts', '//\n/* */\nexport const one = 1;\n'],
    ['no opening comment', 'src/turn.ts', '\n// Late.\nexport const one = 1;\n'],
    ['no opening comment', 'src/turn.ts', '// One more line.\n'.repeat(7)],
    ['bucket name', 'src/utils.ts', opening],
    ['bucket name', 'store/sqlite-helpers.ts', opening],
    ['bucket name', 'machines/common/order.ts', opening],
    ['bucket name', 'src/types.ts', opening],
    [clock, 'src/turn.ts', `${opening}const at = Date.now();\n`],
    [clock, 'src/turn.ts', `${opening}const at = new Date();\n`],
    [clock, 'store/busy.ts', `${opening}setTimeout(again, 5);\n`],
    [clock, 'machines/order.ts', `${opening}const id = crypto.randomUUID();\n`],
    [clock, 'machines/order.ts', `${opening}const dice = Math.random();\n`],
    [clock, 'src/turn.ts', `${opening}const from = performance.now();\n`],
    [clock, 'src/turn.ts', `${opening}const url = 'http://x'; const at = Date.now();\n`],
    [clock, 'src/turn.ts', `${opening}/** Soon. */\nconst at = Date.now();\n`],
    [
      'import of a name that Node 22.12 lacks',
      'src/cli/page.ts',
      `${opening}import { stripTypeScriptTypes } from 'node:module';\n`,
    ],
    ['cast to any', 'src/turn.ts', `${opening}const loose = value as any;\n`],
    ['silenced compiler', 'src/turn.ts', `${opening}// @ts-expect-error\n`],
    ['work left in a comment', 'bench/main.ts', `${opening}// ${'TO'}${'DO'}: later\n`],
    ['work left in a comment', 'bench/main.ts', `${opening}// ${'FIX'}${'ME'}\n`],
    ['path of one machine', 'examples/main.ts', `${opening}const db = '/${'tmp'}/orders.db';\n`],
    ['path of one machine', 'examples/main.ts', `${opening}// see /${'home'}/me/notes\n`],
    ['path of one machine', 'examples/main.ts', `${opening}const home = 'C:\\\\Users\\\\me';\n`],
  ];

  it.each(planted)('%s is broken by a bad text at %s', (rule, path, text) => {
    expect(brokenRules(path, text)).toEqual([rule]);
  });

  it('is shown able to fail, each of them', () => {
    const shown = new Set(planted.map(([rule]) => rule));
    expect(styleRules.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it.each([
    ['src/platform.ts', `${opening}export const now = (): number => Date.now();\n`],
    ['examples/orders/main.ts', `${opening}const from = performance.now();\n`],
    ['src/turn.ts', `${opening}// Not Date.now(): steps get their time.\nconst at = now();\n`],
    ['src/turn.ts', `${opening}/**\n * No setTimeout() in here.\n */\nconst at = new Date(ms);\n`],
    ['src/turn.ts', '/**\n * Runs one turn.\n * Never publishes.\n */\nexport {};\n'],
    [
      'src/event-type.ts',
      '#!/usr/bin/env node\n// Runs.\n// Never stops.\nconst a = b / work / c;\n',
    ],
  ])('says nothing about good text at %s', (path, text) => {
    expect(brokenRules(path, text)).toEqual([]);
  });
});
