// Rebuilds the row of a parked actor from its journal, when the row itself cannot be read: folded,
// and committed with a journal entry that holds what came out. Nothing is rebuilt unasked.

import { EngineError } from '../errors.ts';
import type { ActorId } from '../ids.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { EngineCore } from '../turn/engine-core.ts';
import { inTurn } from '../turn/in-turn.ts';
import { runAgain } from '../turn/settling.ts';
import type { UnitScope } from '../turn/unit-scope.ts';
import { isParked, notFound, type ParkedActor } from '../turn/view.ts';
import { foldTo } from './past.ts';
import { resultOf } from './result-entry.ts';

/**
 * Its effects run again under their keys; named actions that were still to run are lost with the row.
 * @throws EngineError `ACTOR_NOT_FOUND`, `BAD_OPTION` when its row can be read, `JOURNAL_NOT_FOLDABLE`
 */
export async function rebuildActor(core: EngineCore, id: ActorId): Promise<ActorState> {
  // Read by a turn: a row that cannot be read is parked by that turn's commit.
  const parked = await inTurn(core, (unit) => parkedIn(unit, id));
  const { revision, createdAt } = parked.record;
  const folded = await foldTo(core, id, revision);
  const effects = runAgain(folded.effects);
  const state: ActorState = { ...folded, effects, createdAt };
  return inTurn(core, (unit) => commitRebuilt(unit, state, parked.reason));
}

/** @throws Missing; EngineError `ACTOR_NOT_FOUND`, `BAD_OPTION` */
function parkedIn(unit: UnitScope, id: ActorId): ParkedActor {
  const known = unit.actor(id);
  if (known === null) throw notFound(id);
  if (isParked(known)) return known;
  throw new EngineError(
    'BAD_OPTION',
    `Expected a parked actor to rebuild, but the row of "${id}" can be read (${known.status}). Rebuild what is parked because its row is damaged.`,
    { details: { actor: id, status: known.status } },
  );
}

function commitRebuilt(unit: UnitScope, state: ActorState, reason: string): ActorState {
  // A parked actor takes nothing, so its revision is still the one that was folded to.
  parkedIn(unit, state.id);
  const after = { ...state, revision: state.revision + 1, updatedAt: unit.output.now };
  const data = { ...resultOf(after, unit.limits), reason };
  const origin = { correlation: null, causation: null };
  const noted = unit.output.noted(state, 'actor.rebuilt', data, origin);
  if (noted.status === 'active') {
    for (const { id, generation } of Object.values(noted.effects)) {
      unit.output.effectsStarted.push({ actor: noted.id, id, generation });
    }
  }
  unit.output.facts.push({ type: 'ended', state: noted });
  return noted;
}
