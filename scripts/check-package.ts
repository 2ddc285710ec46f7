// Checks the package as its users get it: packs the tarball, installs it with its peer in an empty
// folder, imports every entry and type-checks a program against the published types. Needs `dist`
// (npm run build) and leaves nothing behind. Says what is wrong and exits with 1.

import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Manifest = {
  readonly name: string;
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

const root = join(import.meta.dirname, '..');
const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(manifest.exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => manifest.name + path.slice(1));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly said: string;
}

/**
 * Runs a program to its end. It prints into a file: a program that ends before a pipe has taken all of
 * it, as npm and attw do, would leave half a report.
 */
function spawnTo(program: string, args: readonly string[], folder: string): Ran {
  const windowsShim = process.platform === 'win32' && program === 'npm';
  const place = mkdtempSync(join(tmpdir(), 'sagawright-output-'));
  const path = join(place, 'stdout');
  const file = openSync(path, 'w');
  try {
    const { error, status, stderr } = spawnSync(program, args, {
      cwd: folder,
      encoding: 'utf8',
      shell: windowsShim,
      stdio: ['ignore', file, 'pipe'],
    });
    const stdout = readFileSync(path, 'utf8');
    return { status, stdout, said: error?.message ?? `exit code ${status}\n${stdout}${stderr}` };
  } finally {
    closeSync(file);
    rmSync(place, { recursive: true, force: true });
  }
}

/** Runs a program to its end; throws with all that it printed if it fails. */
function run(program: string, args: readonly string[], folder: string): string {
  const { status, stdout, said } = spawnTo(program, args, folder);
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')}\nexpected exit code 0, got ${said}`);
}

type TypeProblem = {
  readonly kind: string;
  readonly entrypoint?: string;
  readonly fileName?: string;
  readonly moduleSpecifier?: string;
  readonly resolutionKind?: string;
  readonly resolutionOption?: string;
};

/**
 * Asks attw whether every way of resolving the package finds its types. Read as JSON because its
 * exit code counts a failure inside of a file under `node10` even when that profile is ignored.
 * `require` and node10 are left out: the package is ESM, described by `exports`.
 */
function checkResolution(tarball: string): void {
  const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const { stdout, said } = spawnTo(process.execPath, [attw, tarball, '--format=json'], root);
  if (!stdout.startsWith('{')) throw new Error(`attw: expected a report, got ${said}`);
  const { analysis }: { analysis: { types: unknown; problems: readonly TypeProblem[] } } =
    JSON.parse(stdout);
  if (!analysis.types) throw new Error('attw: expected types in the package, got none');
  const problems = analysis.problems.filter(
    ({ resolutionKind, resolutionOption = resolutionKind }) =>
      resolutionOption !== 'node10' && resolutionOption !== 'node16-cjs',
  );
  if (problems.length === 0) return;
  const lines = problems.map((each) =>
    [each.kind, each.resolutionKind ?? each.resolutionOption, each.entrypoint ?? each.fileName]
      .concat(each.moduleSpecifier ?? [])
      .join(' '),
  );
  throw new Error(`attw: the types do not resolve:\n${lines.join('\n')}`);
}

/** The paths that npm packed. Every entry of `files` has to be there, and no test or tool. */
function checkContents(paths: readonly string[]): void {
  const missing = manifest.files.filter(
    (listed) => !paths.some((path) => path === listed || path.startsWith(`${listed}/`)),
  );
  if (missing.length > 0) {
    throw new Error(`package.json lists files that are not in the tarball: ${missing.join(', ')}`);
  }
  const strays = paths.filter((path) => /\.test\.|^(?:test|bench|examples|tools)\//.test(path));
  if (strays.length > 0) throw new Error(`not meant for users: ${strays.join(', ')}`);
}

/**
 * The published declarations may name only packages that a user gets with this one, with types of
 * their own. Anything else (better-sqlite3, Node's modules) would silently become `any` there.
 */
function checkDeclarations(dist: string): void {
  const given = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const typed = given.filter((name) => !Object.hasOwn(manifest.devDependencies, `@types/${name}`));
  const known = new Set([manifest.name, ...typed]);
  for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.d.ts')) continue;
    const text = readFileSync(join(dist, path), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)) {
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
      if (specifier.startsWith('.') || known.has(name)) continue;
      throw new Error(
        `dist/${path} imports '${specifier}': expected only ${[...known].join(', ')} in published ` +
          `types; describe what is needed by a type of our own`,
      );
    }
  }
}

const importProgram = `
for (const entry of ${JSON.stringify(entries)}) {
  const names = Object.keys(await import(entry));
  if (names.length === 0) throw new Error(entry + ': expected exports, got none');
  console.log(entry + ': ' + names.length + ' exports');
}
`;

/** The inspector's pages are files of the package: all that they load has to be there. */
const pagesProgram = `
import { openEngine } from '${manifest.name}';
import { serveInspector } from '${manifest.name}/inspect';
import { memoryStore } from '${manifest.name}/store';
const engine = await openEngine({ store: memoryStore(), machines: [] });
const inspector = await serveInspector(engine);
const loaded = new Set();
async function load(url) {
  if (loaded.has(url)) return;
  loaded.add(url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(url + ': expected status 200, got ' + response.status);
  const links = /(?:src=|href=|from )["'](\\.?\\.?\\/[^"']+)["']/g;
  for (const [, link] of (await response.text()).matchAll(links)) await load(new URL(link, url).href);
}
await load(inspector.url);
await inspector.close();
await engine.stop();
if (loaded.size < 10) throw new Error('pages: expected their modules, got ' + [...loaded].join(' '));
console.log(loaded.size + ' files of the inspector load');
`;

/** Fails to compile when an entry has no types, or exports something whose type is \`any\`. */
const typeProgram = `
type IsAny<T> = 0 extends 1 & T ? true : false;
type Untyped<M> = { [K in keyof M]: IsAny<M[K]> extends true ? K : never }[keyof M];
${entries
  .map(
    (entry, index) => `import * as entry${index} from '${entry}';
export const untyped${index}: [Untyped<typeof entry${index}>] extends [never] ? 'none' : Untyped<typeof entry${index}> = 'none';`,
  )
  .join('\n')}
`;

const consumerConfig = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  },
  files: ['program.ts'],
};

function checkInstalled(folder: string, tarball: string): void {
  const xstate = manifest.devDependencies['xstate'];
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  run('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`, `xstate@${xstate}`], folder);
  writeFileSync(join(folder, 'program.js'), importProgram);
  process.stdout.write(run(process.execPath, ['program.js'], folder));
  writeFileSync(join(folder, 'pages.js'), pagesProgram);
  process.stdout.write(run(process.execPath, ['pages.js'], folder));
  writeFileSync(join(folder, 'program.ts'), typeProgram);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(consumerConfig));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  run(process.execPath, [tsc, '--project', folder], folder);
  console.log(`${entries.length} entries type-check`);
}

const folder = mkdtempSync(join(tmpdir(), 'sagawright-package-'));
try {
  checkDeclarations(join(root, 'dist'));
  // Without its scripts: prepack would build once more, and print into the JSON.
  const options = ['--json', '--ignore-scripts', `--pack-destination=${folder}`];
  const packed = run('npm', ['pack', ...options], root);
  const [tarball]: { filename: string; files: { path: string }[] }[] = JSON.parse(packed);
  if (tarball === undefined) throw new Error('npm pack: expected one tarball, got none');
  checkContents(tarball.files.map(({ path }) => path));
  checkResolution(join(folder, tarball.filename));
  checkInstalled(folder, tarball.filename);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
