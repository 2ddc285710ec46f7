// A message that was on its way, or kept as a dead letter, when a migration renamed what it is about: it
// still finds its effect, timer or child, by the id of then. Pure.

import type { Message } from '../turn/message.ts';
import { isThere, type Known } from '../turn/view.ts';

interface Named {
  readonly id: string;
  readonly generation: number;
  readonly was?: readonly string[];
}

/** The message under the ids that its actor has now. */
export function readdress(known: Known, message: Message): Message {
  if (!isThere(known)) return message;
  const { timers, effects, children } = known;
  switch (message.kind) {
    case 'timer': {
      const timerId = currentId(timers, message.timerId, message.generation);
      return timerId === null ? message : { ...message, timerId };
    }
    case 'effect': {
      const effectId = currentId(effects, message.effectId, message.generation);
      return effectId === null ? message : { ...message, effectId };
    }
    case 'child': {
      const childId = currentId(children, message.childId, message.generation);
      return childId === null ? message : { ...message, childId };
    }
    default:
      return message;
  }
}

/** Null: it needs no other. */
function currentId(
  entries: Readonly<Record<string, Named>>,
  id: string,
  generation: number,
): string | null {
  if (entries[id]?.generation === generation) return null;
  for (const entry of Object.values(entries)) {
    if (entry.was?.includes(id) === true && entry.generation === generation) return entry.id;
  }
  return null;
}
