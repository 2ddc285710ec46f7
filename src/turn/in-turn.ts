// Runs a function over a unit of work, in the order of the mailbox: it sees what is committed, and what
// it does to the unit is committed with its turn. Run again when something must be loaded first.

import { invariant } from '../errors.ts';
import type { EngineCore } from './engine-core.ts';
import type { Envelope } from './envelope.ts';
import type { UnitScope } from './unit-scope.ts';

/** Resolves after the commit, if there was anything to commit. @throws what `run` throws */
export async function inTurn<Result>(
  core: EngineCore,
  run: (unit: UnitScope) => Result,
): Promise<Result> {
  const work = kept(run);
  await core.request<unknown>((settle) => ({ ...work.envelope, settle }));
  return work.result();
}

/** As {@link inTurn} for a function that does nothing to its unit: a paused engine runs it too. */
export async function lookInTurn<Result>(
  core: EngineCore,
  look: (unit: UnitScope) => Result,
): Promise<Result> {
  const work = kept(look);
  await core.requestToLook<unknown>((settle) => ({ ...work.envelope, settle }));
  return work.result();
}

interface KeptWork<Result> {
  readonly envelope: Omit<Extract<Envelope, { kind: 'transact' }>, 'settle'>;
  readonly result: () => Result;
}

/** Keeps what the function answers: a transaction's own answer would have to be JSON. */
function kept<Result>(run: (unit: UnitScope) => Result): KeptWork<Result> {
  let answer: { readonly value: Result } | null = null;
  const keep = (unit: UnitScope): void => {
    answer = { value: run(unit) };
  };
  return {
    envelope: { kind: 'transact', run: keep, key: null, actors: [] },
    result: () => {
      invariant(answer !== null, 'a turn has answered without its work');
      return answer.value;
    },
  };
}
