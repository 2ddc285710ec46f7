// What must hold when the last saga has ended, however often its engine was killed: each check lists what
// is wrong, in a sentence each, and an empty list means that it holds. Compares three witnesses: what the
// client was told, what the database holds, and what the gateway did.

import { type LedgerOrder, readKey } from './ledger-reading.ts';
import type { Placed } from './random-lives.ts';
import type { Entry, StoreContents } from './store-reading.ts';

const OUTCOME = /^xstate\.(?:done|error)\.actor\./;
const EFFECT = 'effect:';

/** Invariants 1, 2, 3 and 5: money and stock of each order are what its end says. */
export function checkMoney(
  placed: readonly Placed[],
  { actors }: StoreContents,
  ledger: ReadonlyMap<string, LedgerOrder>,
): readonly string[] {
  return placed.flatMap(({ order: { orderId, totalMinor, items }, sagaId }) => {
    const state = actors.get(orderId)?.state;
    const saga = actors.get(sagaId)?.state;
    const confirmed = state === 'CONFIRMED';
    const says = (text: string): string => `${orderId} (${state}, saga ${saga}): ${text}`;
    const wrong: string[] = [];
    if (confirmed !== (saga === 'completed')) wrong.push(says('order and saga disagree'));
    const {
      capturedMinor = 0,
      refundedMinor = 0,
      charges = [],
      reservations = [],
    } = ledger.get(orderId) ?? {};
    const held = capturedMinor - refundedMinor;
    if (held !== (confirmed ? totalMinor : 0)) wrong.push(says(`holds ${held} of ${totalMinor}`));
    for (const { key, refundedMinor: back, amountMinor, status } of charges) {
      if (back < 0 || back > amountMinor) wrong.push(says(`${back} of ${amountMinor} went back`));
      // What was or may have been done ends either kept or undone, wholly and once.
      if (status === 'captured' && (!confirmed || back !== 0)) wrong.push(says(`${key} is left`));
    }
    const kept = reservations.filter(({ status }) => status === 'reserved');
    if (kept.length !== (confirmed ? 1 : 0))
      wrong.push(says(`${kept.length} reservations are kept`));
    const reserved = new Map(kept.flatMap((one) => one.items.map((i) => [i.sku, i.quantity])));
    for (const { sku, quantity } of confirmed ? items : []) {
      if (reserved.get(sku) !== quantity)
        wrong.push(says(`${reserved.get(sku)} of ${sku} are reserved`));
    }
    return wrong;
  });
}

/** Invariants 9 and 14: revisions without gaps, one outcome for each effect, nothing after the end. */
export function checkJournal({ journal, actors }: StoreContents): readonly string[] {
  return [...journal].flatMap(([actor, entries]) => {
    const row = actors.get(actor);
    const wrong: string[] = [];
    if (entries.some(({ revision }, index) => revision !== index + 1)) {
      wrong.push(`${actor} has revisions ${entries.map(({ revision }) => revision).join(' ')}`);
    }
    if (row?.revision !== entries.length) {
      wrong.push(`${actor} is at revision ${row?.revision} with ${entries.length} entries`);
    }
    const starts = entries.filter(({ kind }) => kind === 'started').length;
    if (starts !== 1) wrong.push(`${actor} was started ${starts} times`);
    for (const [cause, outcomes] of Map.groupBy(entries.filter(isOutcome), (e) => e.causation)) {
      if (outcomes.length > 1) wrong.push(`${actor} got ${outcomes.length} outcomes of ${cause}`);
    }
    const last = entries.findIndex(({ state }) => state === JSON.stringify(row?.state));
    const later = entries.slice(last + 1).filter(({ kind }) => kind === 'received');
    if (row?.status === 'done' && (last < 0 || later.length > 0)) {
      wrong.push(`${actor} received ${later.length} messages after its end`);
    }
    return wrong;
  });
}

function isOutcome({ kind, type, causation }: Entry): boolean {
  return kind === 'received' && OUTCOME.test(type) && causation?.startsWith(EFFECT) === true;
}

/** Invariant 10: what was answered is in the journal once; what was not is there once or not at all. */
export function checkAnswers(
  placed: readonly Placed[],
  { journal }: StoreContents,
): readonly string[] {
  return placed.flatMap(({ requests }) =>
    requests.flatMap(({ call, answer }) => {
      if (call.what !== 'cancel') return answer === null ? [`${call.what} was never answered`] : [];
      const found = (journal.get(call.id) ?? []).filter(({ key }) => key === call.key);
      const receipt = answer?.receipt;
      if (receipt === undefined) return [`${call.key} was never answered`];
      const taken = receipt.status === 'duplicate' ? receipt.first : receipt;
      const times = taken.status === 'accepted' ? 1 : 0;
      if (found.length !== times) {
        return [`${call.key} was ${receipt.status} and is ${found.length} times in the journal`];
      }
      const isSame =
        taken.status === 'rejected' ||
        (found[0]?.revision === taken.revision && found[0].position === taken.position);
      return isSame ? [] : [`${call.key} is elsewhere than its receipt says`];
    }),
  );
}

/** Invariant 12: nothing is left to be done, and nobody waits for people. */
export function checkLiveness(
  placed: readonly Placed[],
  { actors, letters, inbox }: StoreContents,
): readonly string[] {
  const wrong = placed.flatMap(({ sagaId }) => {
    const saga = actors.get(sagaId);
    return saga?.status === 'done' ? [] : [`${sagaId} is ${saga?.status} in ${saga?.state}`];
  });
  for (const { id, pending, running, wakeAt } of actors.values()) {
    if (pending !== '{}' || running || wakeAt !== null) wrong.push(`${id} is left with ${pending}`);
  }
  if (inbox > 0) wrong.push(`${inbox} messages are left in the inbox`);
  // An effect that was given up is part of the story; anything else is a message that went astray.
  for (const { reason, actor, type } of letters) {
    if (reason !== 'EFFECT_EXHAUSTED')
      wrong.push(`${actor} has a dead letter ${reason} of ${type}`);
  }
  return wrong;
}

/** Invariant 8: each key was carried out once at most, with one body, and the journal knows of it. */
export async function checkKeys(
  gateway: string,
  ledger: ReadonlyMap<string, LedgerOrder>,
  { journal, actors }: StoreContents,
): Promise<readonly string[]> {
  const entries = [...journal.values()].flat();
  const told = new Set(
    entries.filter(isOutcome).map(({ causation }) => causation?.slice(EFFECT.length) ?? ''),
  );
  // A call that its saga has stopped waiting for has no outcome; the saga still knows its key.
  const known = (key: string): boolean =>
    told.has(key) || actors.get(key.slice(0, key.indexOf(':')))?.snapshot.includes(key) === true;
  const called = [...ledger.values()].flatMap(({ charges, reservations }) =>
    [...charges, ...reservations].map(({ key }) => key),
  );
  const wrong = called
    .filter((key) => !known(key))
    .map((key) => `${key} reached the gateway, and its saga knows nothing of it`);
  const keys = [...new Set([...told, ...called])];
  const reports = await Promise.all(keys.map((key) => readKey(gateway, key)));
  for (const { key, applied, distinctBodies, conflicts } of reports) {
    if (applied > 1) wrong.push(`${key} was carried out ${applied} times`);
    if (distinctBodies > 1 || conflicts > 0)
      wrong.push(`${key} came with ${distinctBodies} bodies`);
  }
  return wrong;
}
