// Runs a function over a unit of work, in the order of the mailbox: it sees what is committed, and what
// it does to the unit is committed with its turn. Run again when something must be loaded first.

import { invariant } from '../errors.ts';
import type { EngineCore } from './engine-core.ts';
import type { UnitScope } from './unit-scope.ts';

/** Resolves after the commit, if there was anything to commit. @throws what `run` throws */
export async function inTurn<Result>(
  core: EngineCore,
  run: (unit: UnitScope) => Result,
): Promise<Result> {
  let result: { readonly value: Result } | null = null;
  const keep = (unit: UnitScope): void => {
    result = { value: run(unit) };
  };
  await core.request<unknown>((settle) => ({ kind: 'transact', run: keep, key: null, settle }));
  return given(result);
}

function given<Result>(result: { readonly value: Result } | null): Result {
  invariant(result !== null, 'a turn has answered without its work');
  return result.value;
}
