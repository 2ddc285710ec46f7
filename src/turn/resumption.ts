// A failed actor goes on: from its last good state, with what it failed on delivered again, or with the
// effects that were waiting run again under their old keys. Part of a unit of work.

import type { ActorId } from '../ids.ts';
import type { Message } from './message.ts';
import { receive } from './receiving.ts';
import { asResumed } from './settling.ts';
import type { Delivery, UnitScope } from './unit-scope.ts';
import { isThere } from './view.ts';

export function resumeActor(unit: UnitScope, id: ActorId, message: Message): Delivery {
  const known = unit.actor(id);
  if (!isThere(known)) {
    // Whoever has asked is told so; what nobody waits for stays the letter that it is.
    const isAsked = message.kind === 'event' && message.reply !== null;
    return isAsked ? receive(unit, message) : { type: 'undeliverable', known };
  }
  if (known.status !== 'error') return receive(unit, message);
  const noted = unit.output.noted(asResumed(known), 'actor.resumed', null, message);
  for (const { id: effectId, generation } of Object.values(noted.effects)) {
    unit.output.effectsStarted.push({ actor: id, id: effectId, generation });
  }
  unit.output.facts.push({ type: 'ended', state: noted });
  // An effect that failed runs again; its old outcome would only fail the actor again.
  const failedEffect = message.kind === 'effect' && message.outcome.type !== 'done';
  return failedEffect ? { type: 'dropped' } : receive(unit, message);
}
