// Shows that each dependency rule of .dependency-cruiser.cjs can fail: a small project that breaks
// every rule once is laid out in a folder of its own and checked with the real rules. Whether this
// project keeps them is `npm run check`'s business.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

/** Files that the rules allow: none of these imports may be complained about. */
const allowed: Readonly<Record<string, string>> = {
  'src/index.ts': "export { turn } from './turn/turn.ts';",
  'src/platform.ts': "import 'node:crypto';",
  'src/step/xstate.ts': "import { createActor } from 'xstate'; export const adapter = createActor;",
  'src/effects/effect.ts':
    "import { fromPromise } from 'xstate'; export const effect = fromPromise;",
  'src/saga/saga.ts': "import { setup } from 'xstate'; export const saga = setup;",
  'src/turn/turn.ts': "import type { AnyActor } from 'xstate'; export type turn = AnyActor;",
  'src/inspect/server.ts': "import 'node:http'; import 'ws'; import '../graph/layout.ts';",
  'src/inspect/protocol.ts': 'export type Message = string;',
  'src/inspect/page/online.ts': "export type { Message } from '../protocol.ts';",
  'src/graph/layout.ts': "export const load = () => import('elkjs/lib/elk.bundled.js');",
  'src/cli/main.ts': "import 'commander'; import 'node:fs'; import '../../store/sqlite.ts';",
  'src/client/setup.ts': "export type { Config } from '../cli/config.ts';",
  'src/cli/config.ts': 'export type Config = string;',
  'src/store.ts': 'export type Store = string;',
  'store/index.ts': "import './sqlite.ts';",
  'store/sqlite.ts':
    "import 'node:fs'; import 'better-sqlite3'; export type { Store } from '../src/store.ts';",
  'machines/index.ts': "import 'xstate'; import 'immer'; import 'sagawright'; import './money.ts';",
  'machines/money.ts': 'export const pence = 1;',
  'examples/orders/main.ts':
    "import 'sagawright'; import 'sagawright/store'; import 'sagawright/machines'; import 'node:fs'; import 'zod'; import '../gateway/main.ts'; import '../invoices/file.ts';",
  'examples/invoices/file.ts':
    "import 'sagawright/machines'; import 'node:fs'; import 'csv-parse';",
  'examples/gateway/main.ts': "import 'fastify'; import 'better-sqlite3'; import 'node:fs';",
  'bench/main.ts': "import 'sagawright'; import '../examples/gateway/main.ts';",
  'test/unit/turn.test.ts': "import 'vitest'; import '../../src/turn/turn.ts';",
  'test/crash/kill.test.ts': "import 'vitest'; import 'sagawright';",
};

/** One import per line of the table that the named rule has to refuse. */
const planted: readonly (readonly [rule: string, from: string, imported: string])[] = [
  ['no-cycle', 'src/ring-back.ts', './ring.ts'],
  ['no-unresolvable', 'src/astray.ts', './missing.ts'],
  ['no-unresolvable', 'examples/astray.ts', 'not-installed-anywhere'],
  ['src-imports', 'src/to-store.ts', '../store/sqlite.ts'],
  ['src-imports', 'src/to-domain.ts', '../machines/money.ts'],
  ['src-imports', 'src/to-driver.ts', 'better-sqlite3'],
  ['src-imports', 'src/to-schema.ts', 'zod'],
  ['src-imports', 'src/to-drafts.ts', 'immer'],
  ['cli-imports', 'src/cli/to-schema.ts', 'zod'],
  ['cli-imports', 'src/cli/to-domain.ts', '../../machines/money.ts'],
  ['cli-apart', 'src/to-command-line.ts', './cli/main.ts'],
  ['elk-only-in-layout', 'src/to-layout.ts', 'elkjs'],
  ['graph-apart', 'src/to-pictures.ts', './graph/layout.ts'],
  ['inspect-imports', 'src/inspect/to-store.ts', '../../store/sqlite.ts'],
  ['inspect-imports', 'src/inspect/to-schema.ts', 'zod'],
  ['inspect-apart', 'src/to-inspector.ts', './inspect/server.ts'],
  ['pages-apart', 'src/inspect/page/to-server.ts', '../server.ts'],
  ['pages-apart', 'src/inspect/page/to-node.ts', 'node:fs'],
  ['time-travel-page-apart', 'src/cli/past/page/to-changes.ts', '../changes.ts'],
  ['src-imports', 'src/to-sockets.ts', 'ws'],
  ['src-node-only-in-platform', 'src/impure.ts', 'node:crypto'],
  ['src-xstate-values-only-in-adapter', 'src/runs-xstate.ts', 'xstate'],
  ['store-imports', 'store/to-xstate.ts', 'xstate'],
  ['store-imports', 'store/to-domain.ts', '../machines/money.ts'],
  ['store-not-engine', 'store/to-engine.ts', '../src/turn/turn.ts'],
  ['store-not-engine', 'store/to-entry.ts', '../src/index.ts'],
  ['machines-imports', 'machines/to-store.ts', 'sagawright/store'],
  ['machines-imports', 'machines/to-schema.ts', 'zod'],
  ['machines-by-name', 'machines/by-path.ts', '../src/index.ts'],
  ['machines-pure', 'machines/impure.ts', 'node:fs'],
  ['money-only-in-money', 'machines/to-dinero.ts', 'dinero.js/bigint'],
  ['programs-by-name', 'examples/by-path.ts', '../src/turn/turn.ts'],
  ['programs-by-name', 'bench/by-path.ts', '../store/sqlite.ts'],
  ['programs-by-name', 'test/crash/by-path.ts', '../../src/turn/turn.ts'],
  ['programs-by-name', 'test/examples/by-path.ts', '../../machines/money.ts'],
  ['gateway-alone', 'examples/gateway/to-engine.ts', 'sagawright'],
  ['gateway-alone', 'examples/gateway/to-orders.ts', '../orders/main.ts'],
  ['invoices-alone', 'examples/invoices/to-engine.ts', 'sagawright'],
  ['invoices-alone', 'examples/invoices/to-orders.ts', '../orders/main.ts'],
  ['examples-alone', 'examples/to-bench.ts', '../bench/main.ts'],
  ['nothing-imports-tests', 'examples/to-test.ts', '../test/unit/turn.test.ts'],
];

type Violation = { readonly from: string; readonly rule: { readonly name: string } };

function layOut(folder: string): void {
  for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
    copyFileSync(join(root, name), join(folder, name));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const targets = {
    'src/turn/turn.ts': allowed['src/turn/turn.ts'] ?? '',
    'src/ring.ts': "import './ring-back.ts';",
  };
  const files = new Map(Object.entries({ ...allowed, ...targets }));
  for (const [, from, imported] of planted) files.set(from, `import '${imported}';\n`);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function findViolations(folder: string): Violation[] {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const folders = ['src', 'store', 'machines', 'examples', 'bench', 'test'];
  const printed = execFileSync(process.execPath, [program, '--output-type=json', ...folders], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const report: { summary: { violations: Violation[] } } = JSON.parse(printed);
  return report.summary.violations;
}

describe('a dependency rule', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sagawright-rules-'));
  let violations: Violation[] = [];
  beforeAll(() => {
    layOut(folder);
    violations = findViolations(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(planted)('%s refuses %s importing %s', (rule, from) => {
    const broken = violations.filter((each) => each.from === from).map((each) => each.rule.name);
    expect(broken).toContain(rule);
  });

  it('leaves what is allowed alone', () => {
    expect(violations.filter(({ from }) => from in allowed)).toEqual([]);
  });

  it('is shown able to fail, each of them', () => {
    const rules: { forbidden: { name: string }[] } = createRequire(import.meta.url)(
      join(root, '.dependency-cruiser.cjs'),
    );
    const shown = new Set(planted.map(([rule]) => rule));
    expect(rules.forbidden.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});
