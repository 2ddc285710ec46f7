// How the tests run: against the sources (export condition `sagawright-source`), in two processes,
// with more time for those that start programs of their own. Holds no test and no setup code.

import { defineConfig, type ViteUserConfig } from 'vitest/config';

const conditions = ['sagawright-source', 'node', 'import', 'module', 'default'];
const programs = ['crash', 'examples', 'faults'].map((folder) => `test/${folder}/**/*.test.ts`);

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Also inherited by the programs that tests start with `process.execArgv`.
    execArgv: ['--conditions=sagawright-source'],
    reporters: ['default', './test/reporter/closing-line.ts'],
    coverage: { provider: 'v8', include: ['src/**', 'store/**', 'machines/**'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'code',
          include: ['test/**/*.test.ts'],
          exclude: programs,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'programs',
          include: programs,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

export default config;
