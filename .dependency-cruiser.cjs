// Which folder may import what. A folder that may import only a few things forbids all the others.
// The package imported by name resolves to its sources, so a name and a path end at the same file;
// they differ in dependency type: a path is `local`, the name is not.

const OWN = '^(src|store|machines)/';
const XSTATE = 'node_modules/xstate/';
const IMMER = 'node_modules/immer/';
const ELK = 'node_modules/elkjs/';
const DINERO = 'node_modules/dinero\\.js/';

/** Everything except the given paths is forbidden to `from`; Node's own modules have rules apart. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from,
  to: { pathNot: allowed, dependencyTypesNot: ['core'] },
});

const never = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const BY_PATH = ['local'];

module.exports = {
  forbidden: [
    never(
      'no-cycle',
      'Files that import each other cannot be read, tested or loaded alone. Move what both need into a third file.',
      {},
      { circular: true },
    ),
    never(
      'no-unresolvable',
      'The import leads nowhere: misspelt, not installed or not listed in package.json.',
      {},
      { couldNotResolve: true },
    ),

    only(
      'src-imports',
      'src/ is the engine: it imports xstate and itself. SQL lives in store/, the domain in machines/.',
      { path: '^src/', pathNot: '^src/(cli|inspect)/' },
      ['^src/', XSTATE, ELK],
    ),
    only(
      'cli-imports',
      'src/cli/ is a program over the engine and the stores: it alone of src/ imports store/ and commander.',
      { path: '^src/cli/' },
      ['^src/', '^store/', XSTATE, 'node_modules/commander/', '^package\\.json$'],
    ),
    never(
      'cli-apart',
      'The engine works without a command line; only the shape of its config file (config.ts) is known outside.',
      { path: '^(src/(?!cli/)|store/)' },
      { path: '^src/cli/', pathNot: '^src/cli/config\\.ts$' },
    ),
    only(
      'inspect-imports',
      'src/inspect/ shows an engine to browsers: beside src/cli/ it alone of src/ knows node:http, and it alone ws.',
      { path: '^src/inspect/' },
      ['^src/', XSTATE, 'node_modules/(@types/)?ws/'],
    ),
    never(
      'inspect-apart',
      'Nobody is watched who has not asked for it: nothing of the engine or of a store needs src/inspect/.',
      { path: '^(src/(?!inspect/|cli/)|store/)' },
      { path: '^src/inspect/' },
    ),
    never(
      'time-travel-page-apart',
      'The page of `show --html` runs in a browser, out of one file: it knows types and nothing else.',
      { path: '^src/cli/past/page/' },
      { dependencyTypesNot: ['type-only'] },
    ),
    never(
      'pages-apart',
      'The pages of the inspector run in a browser: they import each other and what is pure.',
      { path: '^src/inspect/page/' },
      { pathNot: '^src/(inspect/(page/|protocol\\.ts$)|graph/(chart|overlay)\\.ts$)' },
    ),
    never(
      'elk-only-in-layout',
      'elkjs is optional: only src/graph/layout.ts loads it, when a picture is drawn.',
      { pathNot: '^src/graph/layout\\.ts$' },
      { path: ELK },
    ),
    never(
      'graph-apart',
      'Pictures are for those who ask: nothing of the engine or of a store needs src/graph/.',
      { path: '^(src/(?!graph/|cli/|inspect/)|store/)' },
      { path: '^src/graph/' },
    ),
    never(
      'src-node-only-in-platform',
      'Clock, timers, randomness and every other Node module enter src/ through src/platform.ts alone, so that the rest is pure. src/hash.ts takes a pure function from node:crypto; src/cli/ is a program, src/inspect/ a server.',
      { path: '^src/', pathNot: ['^src/platform\\.ts$', '^src/hash\\.ts$', '^src/(cli|inspect)/'] },
      { dependencyTypes: ['core'] },
    ),
    never(
      'src-xstate-values-only-in-adapter',
      'Only the adapter (src/step/xstate.ts), classify, effect, ask, sagas and the names of guards run XState code. Elsewhere use `import type`.',
      {
        path: '^src/',
        pathNot: [
          '^src/step/(xstate|classify|ask)\\.ts$',
          '^src/effects/effect\\.ts$',
          '^src/graph/chart-names\\.ts$',
          '^src/saga/',
        ],
      },
      { path: XSTATE, dependencyTypesNot: ['type-only'] },
    ),

    only(
      'store-imports',
      'store/ implements the port of src/store.ts with better-sqlite3; it knows neither XState nor the domain.',
      { path: '^store/' },
      ['^store/', '^src/', 'node_modules/(@types/)?better-sqlite3/'],
    ),
    never(
      'store-not-engine',
      'The engine calls the store, never the other way round.',
      { path: '^store/' },
      { path: '^src/((engine|index)\\.ts|turn/|client/)' },
    ),

    only(
      'machines-imports',
      'machines/ is pure: it imports xstate, immer, dinero.js, `sagawright` by name and itself.',
      { path: '^machines/' },
      ['^machines/', XSTATE, IMMER, DINERO, '^src/index\\.ts$'],
    ),
    never(
      'money-only-in-money',
      "How amounts are computed is one file's business: import machines/money.ts.",
      { pathNot: '^machines/money\\.ts$' },
      { path: DINERO },
    ),
    never(
      'machines-by-name',
      'machines/ uses the public entry like any user: import `sagawright`, not a path into src/.',
      { path: '^machines/' },
      { path: '^(src|store)/', dependencyTypes: BY_PATH },
    ),
    never(
      'machines-pure',
      'No Node module in machines/: no clock, no randomness, no input or output.',
      { path: '^machines/' },
      { dependencyTypes: ['core'] },
    ),

    never(
      'programs-by-name',
      'Examples, benchmarks and the tests that run programs import the package by name, as its users do.',
      {
        path: '^(examples|bench|test/(crash|examples|faults))/',
        // They play a release to come, with a migration more.
        pathNot: '^test/faults/(killed-writes\\.test|migration-process|next-migration)\\.ts$',
      },
      { path: OWN, dependencyTypes: BY_PATH },
    ),
    never(
      'gateway-alone',
      'The gateway judges the engine from outside: it shares no code with it or with another example.',
      { path: '^examples/gateway/' },
      { path: [OWN, '^examples/(?!gateway/)', '^bench/'] },
    ),
    never(
      'invoices-alone',
      'examples/invoices/ reads a file and runs nothing: it knows neither the engine, nor a store, nor another example.',
      { path: '^examples/invoices/' },
      { path: ['^(src|store)/', '^examples/(?!invoices/)'] },
    ),
    never(
      'examples-alone',
      'An example stands on its own: it imports nothing from the benchmarks.',
      { path: '^examples/' },
      { path: '^bench/' },
    ),
    never(
      'nothing-imports-tests',
      'Test code and scripts are imported by tests and scripts only.',
      { path: '^(src|store|machines|examples|bench)/' },
      { path: '^(test|scripts)/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|tools)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['sagawright-source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
};
