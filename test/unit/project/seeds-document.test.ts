// Holds docs/seeds.md to what there is: every test that it names is in its file, every name of code in
// the sources, every command in package.json. Never decides whether a test shows what the row says.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/seeds.md'), 'utf8');
const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

function readSources(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

const sources = ['machines', 'src', 'store', 'examples'].map(readSources).join('\n');
const entries = ['src', 'store', 'machines']
  .map((folder) => readFileSync(join(root, folder, 'index.ts'), 'utf8'))
  .join('\n');

/** Every text in backquotes; those of tests are taken out before. */
function codeOf(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

function hasWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(text);
}

/** Whether a name of code on the page is one of the project's. */
function isKnown(code: string): boolean {
  const [, script] = /^npm (?:run )?([\w:-]+)$/.exec(code) ?? [];
  if (script !== undefined) return script === 'ci' || script in scripts;
  if (code === 'npx sagawright check')
    return existsSync(join(root, 'src/cli/charts/check-command.ts'));
  if (/^--[a-z]+$/.test(code)) return hasWord(sources, code.slice(2));
  if (code.includes('/')) return existsSync(join(root, code));
  // The address of an actor: what its ids begin with.
  if (/^[a-z]+-<\w+>$/.test(code)) return sources.includes(code);
  const [, member] = /^engine\.(\w+)$/.exec(code) ?? [];
  if (member !== undefined)
    return hasWord(readFileSync(join(root, 'src/engine.ts'), 'utf8'), member);
  if (/^[a-z]+\.[a-zA-Z]+$/.test(code)) return sources.includes(`'${code}'`);
  if (/^[A-Z]\w*[a-z]\w*$/.test(code)) return hasWord(entries, code);
  return /^\w+$/.test(code) && hasWord(sources, code);
}

interface TestName {
  readonly file: string;
  readonly title: string;
}

const TEST = /`([a-z]+(?:\/[a-z0-9-]+)+)` "([^"]+)"/g;

function testsOf(text: string): readonly TestName[] {
  return [...text.matchAll(TEST)].map(([, file = '', title = '']) => ({ file, title }));
}

/** Titles of a file's tests as they are written, and the names of rows whose title is only `%s`. */
function titlesOf(path: string): ReadonlySet<string> {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const titles = new Set<string>();
  const rows = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [title] = node.arguments;
      const isTest = /^(?:it|test|describe)\b/.test(node.expression.getText(file));
      if (isTest && title !== undefined && ts.isStringLiteralLike(title)) titles.add(title.text);
    }
    if (ts.isArrayLiteralExpression(node)) {
      const [first] = node.elements;
      if (first !== undefined && ts.isStringLiteralLike(first)) rows.add(first.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return titles.has('%s') ? new Set([...titles, ...rows]) : titles;
}

function isShown({ file, title }: TestName): boolean {
  const path = join(root, 'test', `${file}.test.ts`);
  return existsSync(path) && titlesOf(path).has(title);
}

/** The rows of all tables that name tests: what a document says, what is here, what shows it. */
const rows = page
  .split('## Where the documents disagree')[1]
  ?.split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:there|about) \|/.test(line))
  .map((line) => {
    const [there = '', here = '', shown = ''] = line.slice(2, -2).split(' | ');
    return { there, here, shown };
  });

describe('docs/seeds.md', () => {
  it('has a table for each document, and rows of three cells', () => {
    expect(page.match(/^## Document \d: /gm)).toHaveLength(5);
    expect(rows?.length).toBeGreaterThan(150);
    expect(rows?.filter(({ shown }) => shown === '')).toEqual([]);
  });

  it('names tests that there are', { timeout: 60_000 }, () => {
    const named = testsOf(page.slice(page.indexOf('## Where')));
    expect(named.length).toBeGreaterThan(150);
    expect(named.filter((test) => !isShown(test))).toEqual([]);
  });

  it('shows every row by a test, or says that it is not shown', () => {
    const open = rows?.filter(({ shown }) => shown !== 'not shown' && testsOf(shown).length === 0);
    expect(open).toEqual([]);
  });

  it('calls things here by names that they have', () => {
    const names = rows?.flatMap(({ here, shown }) => codeOf(`${here} ${shown}`.replace(TEST, '')));
    expect(names?.length).toBeGreaterThan(200);
    expect(names?.filter((name) => !isKnown(name))).toEqual([]);
  });

  it('would be refused with a name, a title or a command that there is not', () => {
    for (const name of ['orderMaschine', 'OrderMachin', 'order.confirmed2', 'engine.list2']) {
      expect(isKnown(name), name).toBe(false);
    }
    expect(isKnown('npm run example:nothing')).toBe(false);
    expect(isShown({ file: 'machines/order', title: 'is walked' })).toBe(false);
    expect(isShown({ file: 'machines/orders', title: 'is walked whole' })).toBe(false);
  });
});
