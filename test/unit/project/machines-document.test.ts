// Holds docs/machines.md to the machines: its programs are type-checked, run, and print what it says;
// its tables name every command and every fact, and no other; pictures, links and commands are there.

import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  AUTHORIZE_CAPTURE_PLAN,
  CONFIGURED_PLAN,
  type FulfilmentPlan,
  INVENTORY_FIRST_PLAN,
  PARALLEL_PLAN,
  PAYMENT_FIRST_PLAN,
} from 'sagawright/machines';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/machines.md'), 'utf8');

/** One program of a page, and what the page says that it prints. */
interface Program {
  readonly name: string;
  readonly source: string;
  readonly printed: string;
}

/** Each program stands under a heading, with its output right behind it. */
function readPrograms(document: string): readonly Program[] {
  return document.split(/^## /m).flatMap((section) =>
    [...section.matchAll(/```ts\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)].map(
      ([, source = '', printed = '']) => ({
        name: section.slice(0, section.indexOf('\n')).toLowerCase().replaceAll(' ', '-'),
        source,
        printed,
      }),
    ),
  );
}

/** Where the programs find the package as their readers would, by its name. */
function layOut(folder: string, programs: readonly Program[]): void {
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const name of ['xstate', '@types/node']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  symlinkSync(root, join(folder, 'node_modules/sagawright'), 'junction');
  for (const { name, source } of programs) writeFileSync(join(folder, `${name}.ts`), source);
}

/** What the compiler says about programs, at the project's own strictness. */
function checkTypes(paths: readonly string[]): readonly string[] {
  const read = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  const compiler = ts.createProgram([...paths], {
    ...options,
    declaration: false,
    isolatedDeclarations: false,
    typeRoots: [join(root, 'node_modules/@types')],
  });
  const files = paths.map((path) => compiler.getSourceFile(path));
  return files
    .flatMap((file) => [
      ...compiler.getSyntacticDiagnostics(file),
      ...compiler.getSemanticDiagnostics(file),
    ])
    .map(({ file, messageText }) => {
      return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
}

describe('the programs of docs/machines.md', () => {
  const programs = readPrograms(page);
  const folder = mkdtempSync(join(tmpdir(), 'sagawright-machines-'));
  const pathOf = (name: string): string => join(folder, `${name}.ts`);
  beforeAll(() => layOut(folder, programs));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are all of its code', () => {
    expect(page.match(/^```ts$/gm)).toHaveLength(programs.length);
    expect(page.match(/^```\w/gm)).toHaveLength(2 * programs.length);
    expect(new Set(programs.map(({ name }) => name)).size).toBe(programs.length);
  });

  it('are well typed', { timeout: 60_000 }, () => {
    expect(checkTypes(programs.map(({ name }) => pathOf(name)))).toEqual([]);
  });

  it('would be refused with a wrong command', { timeout: 60_000 }, () => {
    const [order] = programs;
    writeFileSync(pathOf('wrong'), order?.source.replace('order.process', 'order.proceed') ?? '');
    expect(checkTypes([pathOf('wrong')]).join()).toContain('order.proceed');
  });

  it.each(programs)('print what the page says: $name', async ({ name, printed }) => {
    const args = ['--conditions=sagawright-source', pathOf(name)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    expect(stdout).toBe(printed);
  });
});

/** Commands and facts of one machine, in its sources: texts such as 'order.confirm'. */
function namesInSources(folder: string): readonly string[] {
  const place = join(root, 'machines', folder);
  const text = readdirSync(place).map((name) => readFileSync(join(place, name), 'utf8'));
  const quoted = new RegExp(`'(${folder}\\.[a-zA-Z]+)'`, 'g');
  return [...new Set([...text.join('\n').matchAll(quoted)].map(([, name = '']) => name))];
}

/** The same in the section of the page. */
function namesInSection(folder: string): readonly string[] {
  const title = folder === 'notification' ? 'Notifications' : folder;
  const section = page.split(/^## /m).find((text) => {
    return text.toLowerCase().startsWith(`${title.toLowerCase()}\n`);
  });
  const marked = new RegExp(`\`(${folder}\\.[a-zA-Z]+)\``, 'g');
  return [...new Set([...(section ?? '').matchAll(marked)].map(([, name = '']) => name))];
}

const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const plans: readonly FulfilmentPlan[] = [
  PAYMENT_FIRST_PLAN,
  AUTHORIZE_CAPTURE_PLAN,
  INVENTORY_FIRST_PLAN,
  CONFIGURED_PLAN(),
  PARALLEL_PLAN,
];

describe('docs/machines.md', () => {
  const folders = readdirSync(join(root, 'machines'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'sagas')
    .map(({ name }) => name);

  it.each(folders)('names every command and fact, and no other: %s', (folder) => {
    const names = namesInSources(folder);
    expect(names.length).toBeGreaterThan(2);
    expect(namesInSection(folder).toSorted()).toEqual(names.toSorted());
  });

  it.each(plans)('tells the steps of the plan $id in their order, and its pivot', (plan) => {
    const [, told = ''] = new RegExp(`\\(charts/${plan.id}-steps\\.svg\\)([^!]*)`).exec(page) ?? [];
    const [way = ''] = told.slice(told.indexOf(': order') + 1).split('. Undone');
    const steps = plan.steps.map((step) => (typeof step === 'string' ? step : 'preparation'));
    const names = way.replace(/\([^)]*side by side[^)]*\)/, '').split(/,\s+/);
    const marked = steps.map((step) => (step === plan.pivot ? `${step} (pivot)` : step));
    expect(names.map((name) => name.trim().replace('\n', ' '))).toEqual(marked);
  });

  it.each(['README.md', 'docs/machines.md'])('commands in %s are there', (name) => {
    const text = readFileSync(join(root, name), 'utf8');
    const commands = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, command = '']) => command);
    expect(commands).toContain('example:parallel');
    expect(commands.filter((command) => !(command in scripts))).toEqual([]);
  });

  it('and README.md tells of every example that has a command', () => {
    const text = readFileSync(join(root, 'README.md'), 'utf8');
    const examples = Object.keys(scripts).filter((script) => script.startsWith('example:'));
    expect(examples.filter((script) => !text.includes(`npm run ${script}`))).toEqual([]);
  });

  it('shows a picture of every machine, and the steps of every saga', () => {
    const shown = [...page.matchAll(/\]\(charts\/([\w-]+)\.svg\)/g)].map(([, name]) => name);
    const drawn = readdirSync(join(root, 'docs/charts')).map((name) => name.replace('.svg', ''));
    const isShown = (name: string): boolean =>
      shown.includes(name) || shown.includes(`${name}-steps`);
    expect(drawn.filter((name) => !isShown(name))).toEqual([]);
  });

  it.each(['machines.md', 'seeds.md'])('%s links to what is there', (name) => {
    const text = readFileSync(join(root, 'docs', name), 'utf8');
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(0);
    const missing = links.filter((path) => {
      return !existsSync(join(dirname(join(root, 'docs', name)), path));
    });
    expect(missing).toEqual([]);
  });
});
