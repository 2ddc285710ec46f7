// Whether an actor's timers, effects and children are ones that the states it is in can have. What is
// started by an action under an id of its own can be anywhere: of that, only the logic must be there.

import type { ChildEntry, PendingEffect, TimerEntry } from '../state/actor-state.ts';
import { type Holdings, holdingsOf, invokeIds, isDelayId, lostHistory } from '../step/chart.ts';
import type { HostedLogic } from '../step/logic.ts';
import type { LiveSnapshot } from '../step/xstate.ts';

/** What of an actor must fit its chart. */
export interface Fitting {
  readonly logic: HostedLogic;
  readonly snapshot: LiveSnapshot;
  readonly stored: { readonly history?: Readonly<Record<string, readonly string[]>> | undefined };
  readonly timers: Readonly<Record<string, Pick<TimerEntry, 'id'>>>;
  readonly effects: Readonly<Record<string, Pick<PendingEffect, 'id' | 'kind' | 'src'>>>;
  readonly children: Readonly<Record<string, Pick<ChildEntry, 'id' | 'kind' | 'src'>>>;
}

/**
 * What does not fit, in words; empty when all does.
 * @param formerInvokes ids of invokes of the chart that the actor comes from: these are never taken for
 * spawned ones
 */
export function findMisfits(actor: Fitting, formerInvokes: ReadonlySet<string>): readonly string[] {
  const { logic, snapshot, stored, timers, effects, children } = actor;
  const { delays, invokes } = holdingsOf(logic, snapshot);
  const elsewhere = invokeIds(logic);
  const found: string[] = [...lostHistory(logic, stored.history ?? {})];
  for (const { id } of Object.values(timers)) {
    if (isDelayId(id) && !delays.has(id)) found.push(`timer "${id}"`);
  }
  for (const { id, kind, src } of Object.values(children)) {
    const invoked = invokes.get(id);
    const name = `${kind === 'actor' ? 'child' : kind} "${id}"`;
    if (invoked !== undefined && invoked !== src) {
      found.push(`${name} of "${src}" (its state invokes "${invoked}")`);
    } else if (invoked === undefined && (elsewhere.has(id) || formerInvokes.has(id))) {
      found.push(name);
    } else if (logic.sources.get(src)?.kind !== kind) {
      found.push(`${name} (there is no ${kind} "${src}")`);
    }
  }
  for (const { id, kind, src } of Object.values(effects)) {
    const named = logic.kind === 'machine' ? logic.machine.implementations.actions : {};
    if (kind === 'action' && !Object.hasOwn(named, src)) found.push(`action "${src}" (${id})`);
  }
  return found;
}

/** What the states bring with them and the actor does not have: nothing will ever start it. */
export function findMissing({ logic, snapshot, timers, children }: Fitting): readonly string[] {
  const { delays, invokes }: Holdings = holdingsOf(logic, snapshot);
  return [
    ...[...delays].filter((id) => !(id in timers)).map((id) => `timer "${id}"`),
    ...[...invokes.keys()].filter((id) => !(id in children)).map((id) => `invoke "${id}"`),
  ];
}
