// The system ids of one tree during a fold. An actor that ends keeps its name until all that its last
// step sent has been taken: only then does the engine free it, and tell the parent. Pure.

import { type ActorId, childAddress, ownIdOf, parentOf } from '../ids.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { JournalEntry } from '../store.ts';
import { SENT } from '../turn/message.ts';

/** A name that is free as soon as an entry comes by that its holder's last step has not caused. */
interface Leaving {
  readonly systemId: string;
  readonly holder: ActorId;
  /** Entries caused by that step, as `actor@revision`. */
  readonly caused: Set<string>;
}

export class SystemNames {
  readonly all: Map<string, ActorId> = new Map();
  #leaving: Leaving[] = [];

  set(systemId: string, actor: ActorId | null): void {
    if (actor === null) this.all.delete(systemId);
    else this.all.set(systemId, actor);
  }

  /** From here on, the actor's children have the names that its state says. */
  replace({ id, children }: ActorState): void {
    for (const [systemId, holder] of this.all) {
      if (parentOf(holder) === id) this.all.delete(systemId);
    }
    for (const { id: childId, kind, status, systemId } of Object.values(children)) {
      if (systemId === undefined || (kind === 'actor' && status !== 'active')) continue;
      this.all.set(systemId, childAddress(id, childId));
    }
  }

  /** The actor of this entry has ended by it. */
  freeAfter({ actor, revision }: JournalEntry, systemId: string | undefined): void {
    if (systemId === undefined) return;
    this.#leaving.push({ systemId, holder: actor, caused: new Set([`${actor}@${revision}`]) });
  }

  /** The next entry of the tree comes by. */
  pass(entry: JournalEntry): void {
    if (this.#leaving.length === 0) return;
    this.#leaving = this.#leaving.filter((leaving) => {
      if (isCausedBy(leaving, entry)) return true;
      if (this.all.get(leaving.systemId) === leaving.holder) this.all.delete(leaving.systemId);
      return false;
    });
  }
}

function isCausedBy({ holder, caused }: Leaving, entry: JournalEntry): boolean {
  const { actor, revision, type, causation } = entry;
  const news = actor === parentOf(holder) && /^xstate\.(done|error)\.actor\./.test(type);
  if (causation === null || !caused.has(causation.replace(SENT, ''))) return false;
  if (news && type.endsWith(`.actor.${ownIdOf(holder)}`)) return false;
  caused.add(`${actor}@${revision}`);
  return true;
}
