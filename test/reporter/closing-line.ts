// The last thing a test run prints: which tests were skipped and why, then the one plain line
// `N passed, N failed` (`, N skipped`) that a script can read. Stands beside vitest's own reporter,
// which shows the failures. A file that does not load and an error outside of any test count as
// failed: a run that ends badly never closes with `0 failed`.

import type {
  Reporter,
  SerializedError,
  TestCase,
  TestModule,
  TestRunEndReason,
  TestSuite,
} from 'vitest/node';

/** A test that did not run, with the reason it gave (`context.skip(reason)`). */
export type SkippedTest = { readonly name: string; readonly reason: string };

/** What a run came to. `failed` holds what vitest counts elsewhere: broken files and stray errors. */
export type RunCounts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly SkippedTest[];
};

/** The closing text, ending in the plain line and a line end. */
export function renderClosing(counts: RunCounts): string {
  const { passed, failed, skipped } = counts;
  const plain = `${passed} passed, ${failed} failed`;
  if (skipped.length === 0) return `${plain}\n`;
  const reasons = skipped.map(({ name, reason }) => `  ${name}: ${reason}\n`).join('');
  return `\nSkipped:\n${reasons}\n${plain}, ${skipped.length} skipped\n`;
}

/** Counts the tests of the finished modules; `strayErrors` are those that belong to no test. */
export function countRun(
  modules: readonly TestModule[],
  strayErrors: readonly SerializedError[],
  reason: TestRunEndReason,
): RunCounts {
  let passed = 0;
  let failed = strayErrors.length;
  const skipped: SkippedTest[] = [];
  for (const module of modules) {
    // Failing to load or in a hook: such an error is kept by the file or the suite, not by a test.
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const state = test.result().state;
      if (state === 'passed') passed += 1;
      else if (state === 'skipped') skipped.push(describeSkipped(test));
      else failed += 1;
    }
  }
  if (reason !== 'passed' && failed === 0) failed = 1;
  return { passed, failed, skipped };
}

function describeSkipped(test: TestCase): SkippedTest {
  const name = `${test.module.relativeModuleId} > ${test.fullName}`;
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  if (note !== undefined) return { name, reason: note };
  const broken = findBrokenParent(test);
  if (broken !== undefined) return { name, reason: `not run: ${broken} failed before it` };
  return { name, reason: `marked ${test.options.mode} in the source, no reason given` };
}

function findBrokenParent(test: TestCase): string | undefined {
  let parent: TestSuite | TestModule = test.parent;
  while (parent.type === 'suite') {
    if (parent.errors().length > 0) return parent.name;
    parent = parent.parent;
  }
  return parent.errors().length > 0 ? parent.relativeModuleId : undefined;
}

export default class ClosingLine implements Reporter {
  #closing: string | undefined;

  onTestRunEnd(
    modules: readonly TestModule[],
    strayErrors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    // Printed when the process exits, so that nothing (coverage, warnings) can come after it.
    if (this.#closing === undefined) {
      process.once('exit', () => process.stdout.write(this.#closing ?? ''));
    }
    this.#closing = renderClosing(countRun(modules, strayErrors, reason));
  }
}
