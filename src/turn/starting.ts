// Starts a root that somebody outside asks for, unless its id is in use. Part of a unit of work.

import type { StartOrder } from '../client/start-options.ts';
import { EngineError } from '../errors.ts';
import { hashJson } from '../hash.ts';
import type { HostedLogic } from '../step/logic.ts';
import type { Origin } from './message.ts';
import type { UnitScope } from './unit-scope.ts';
import { isParked, Missing, parkedError, stepFailed } from './view.ts';

/**
 * @throws Missing
 * @throws EngineError `ACTOR_EXISTS`, `ACTOR_PARKED`, `STEP_FAILED`
 */
export function startRoot(
  unit: UnitScope,
  order: StartOrder & Origin & { readonly logic: HostedLogic },
): { readonly created: boolean } {
  const { id, logic, input, correlation, causation, ifExists } = order;
  const known = unit.actor(id);
  if (known === null) {
    const undo = unit.savepoint();
    try {
      unit.start({ id, logic, input, parent: null, correlation, causation });
      return { created: true };
    } catch (error) {
      if (error instanceof Missing) throw error;
      undo();
      throw stepFailed(id, error);
    }
  }
  if (isParked(known)) throw parkedError(known);
  const sameMachine = known.logic.name === logic.name;
  if (ifExists === 'attach' && sameMachine && known.inputHash === hashJson(input ?? null)) {
    return { created: false };
  }
  const what = ifExists === 'attach' ? 'started with the same machine and input' : 'free';
  throw new EngineError(
    'ACTOR_EXISTS',
    `Expected id "${id}" to be ${what}, but an actor of machine "${known.logic.name}" is there (${known.status}). Choose another id, or pass ifExists: 'attach' with the input it was started with.`,
    { details: { actor: id, status: known.status } },
  );
}
