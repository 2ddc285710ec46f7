// After the commit: receipts, observers, effects, timers and what has overflowed. The only place from
// which anything of a turn becomes visible.

import type { Observers } from '../client/observers.ts';
import { type AcceptedReceipt, acceptedReceipt, type Receipt } from '../client/receipt.ts';
import { createTask, type EffectTask } from '../effects/effect-task.ts';
import { assertNever, type EngineError, invariant } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Platform } from '../platform.ts';
import type { CommitResult } from '../store.ts';
import { type Minders, takeUp } from '../waking/dormant.ts';
import type { Envelope } from './envelope.ts';
import type { Mailbox } from './mailbox.ts';
import type { KeyedMessage, TurnMemory } from './turn-memory.ts';
import type { Fact } from './unit-output.ts';
import type { Answer, Work } from './work.ts';

export interface Publisher extends Minders {
  readonly observers: Observers;
  readonly platform: Platform;
  readonly logger: Logger;
  readonly mailbox: () => Mailbox;
}

/** A turn whose commit is durable. */
export interface Committed {
  readonly works: readonly Work[];
  readonly memory: TurnMemory;
  /** Effects that have a place and start now. */
  readonly reserved: readonly EffectTask[];
  readonly result: CommitResult;
}

export function publish(committed: Committed, publisher: Publisher): void {
  const { works, memory, reserved } = committed;
  const { runner, handlers, platform } = publisher;
  // Migrated actors are taken up by the recovery that follows, as they come near their time.
  const migrated = works.filter(({ envelope }) => envelope.kind === 'migrate');
  const asleep = new Set(migrated.flatMap(({ output }) => [...output.actors.keys()]));
  for (const state of memory.changed.values()) if (!asleep.has(state.id)) takeUp(state, publisher);
  for (const { output } of works) {
    for (const name of output.effectsStopped) runner.stop(name);
    for (const name of output.effectsSettled) runner.settle(name);
  }
  const started = new Set(reserved.map(({ effect }) => effect));
  for (const task of reserved) runner.start(task);
  const named = works.flatMap(({ output, envelope }) =>
    envelope.kind === 'attempt' ? [envelope.effect] : output.effectsStarted,
  );
  for (const { actor, id, generation } of named) {
    const state = memory.changed.get(actor);
    const effect = state?.effects[id];
    if (state === undefined || effect?.generation !== generation || state.status === 'error') {
      // It ended before its attempt was on record, or its actor has failed: its place is free again.
      runner.stop({ actor, id, generation });
      continue;
    }
    if (started.has(effect)) continue;
    const delayMs = effect.retryAt === null ? 0 : effect.retryAt - platform.now();
    runner.adopt(createTask(state, effect, handlers), delayMs);
  }
  keepOverflow(committed, publisher);
  let firstEntry = 0;
  for (const work of works) {
    for (const fact of work.output.facts) tell(fact, publisher);
    settle(work, firstEntry, committed);
    firstEntry += work.output.journal.length;
  }
}

/** What did not fit goes on in the next turn, from its row in the inbox. */
function keepOverflow({ works, result }: Committed, publisher: Publisher): void {
  const messages = works.flatMap(({ output }) => output.overflow);
  if (messages.length === 0) return;
  const envelopes = messages.map((message, index): Envelope => {
    const inboxId = result.inboxIds[index];
    invariant(inboxId !== undefined, 'the store gave no id for a message kept in the inbox');
    return { kind: 'message', message, settle: null, inboxId };
  });
  publisher.mailbox().putAside(envelopes);
}

function tell(fact: Fact, { observers, logger }: Publisher): void {
  if (fact.type === 'log') {
    logger.info(fact.label ?? 'log', { actor: fact.actor, value: fact.value });
    return;
  }
  if (fact.type === 'warning') {
    logger.warn(fact.message, { actor: fact.actor });
    return;
  }
  if (fact.type === 'inline') {
    try {
      fact.run();
    } catch (error) {
      logger.error('An inline action threw after its commit.', { actor: fact.actor, error });
    }
    return;
  }
  observers.publish(fact);
}

function settle({ envelope, answer }: Work, firstEntry: number, committed: Committed): void {
  // Nobody waits for these.
  if (envelope.kind === 'attempt' || envelope.kind === 'touch' || envelope.settle === null) return;
  if (answer.type === 'error') {
    envelope.settle.reject(answer.error);
    return;
  }
  switch (envelope.kind) {
    case 'start': {
      invariant(answer.type === 'started', 'a start is answered by something else');
      envelope.settle.resolve({ created: answer.created });
      return;
    }
    case 'stop':
      envelope.settle.resolve();
      return;
    case 'migrate':
      invariant(answer.type === 'migrated', 'a migration is answered by something else');
      envelope.settle.resolve(answer.outcome);
      return;
    case 'transact':
      invariant(answer.type === 'result', 'a transaction is answered by something else');
      envelope.settle.resolve(answer.value);
      return;
    case 'message': {
      const receipt = receiptOf(answer, firstEntry, committed);
      invariant(receipt !== null, 'a message from outside has no receipt');
      envelope.settle.resolve(receipt);
      return;
    }
    case 'resume':
      envelope.settle.resolve(receiptOf(answer, firstEntry, committed));
      return;
    default:
      assertNever(envelope);
  }
}

/** Null: nothing was received, as when a resumed actor's effect runs again. */
function receiptOf(answer: Answer, firstEntry: number, { result }: Committed): Receipt | null {
  switch (answer.type) {
    case 'accepted': {
      const position = result.positions[firstEntry + answer.entry];
      invariant(position !== undefined, 'the store gave no position for a journal entry');
      return acceptedReceipt(answer.state, position);
    }
    case 'duplicate':
      return { status: 'duplicate', first: firstReceipt(answer.first, result) };
    case 'rejected':
      return answer.receipt;
    default:
      return null;
  }
}

function firstReceipt(first: KeyedMessage, result: CommitResult): AcceptedReceipt {
  const position = 'position' in first.at ? first.at.position : result.positions[first.at.entry];
  invariant(position !== undefined, 'the first message under a key has no position');
  const value: AcceptedReceipt['value'] = first.state === null ? {} : JSON.parse(first.state);
  return { status: 'accepted', revision: first.revision, position, value };
}

/** Tells a sender that its request was not carried out. */
export function refuse(envelope: Envelope, error: EngineError): void {
  if ('settle' in envelope) envelope.settle?.reject(error);
}
