// Applies the result of a step to the actor itself: revision, snapshot, timers and effects. Pure. What
// concerns other actors (messages, child actors, asks) is handed back, in order, to the unit of work.

import { defaultKey, effectKey } from '../address.ts';
import { assertNever, EngineError } from '../errors.ts';
import type { ActorId } from '../ids.ts';
import type { ActorState, PendingEffect, TimerEntry } from '../state/actor-state.ts';
import { FIRST_ATTEMPT, withDoubt, without } from '../state/actor-state.ts';
import type { EffectName } from '../turn/unit-output.ts';
import type { Instruction } from './instruction.ts';
import type { ChildSource } from './logic.ts';
import type { StepResult } from './step.ts';

export interface Applied {
  readonly state: ActorState;
  /** For other actors and observers, in the order in which they were recorded. */
  readonly outward: readonly Instruction[];
  readonly started: readonly EffectName[];
  readonly stopped: readonly EffectName[];
}

/**
 * The actor after a step whose journal entry has revision `revision`, at `now` (wall clock, ms).
 * Ending stops everything: a finished actor has no timers and no effects.
 */
export function applyStep(
  before: ActorState,
  result: StepResult,
  revision: number,
  now: number,
): Applied {
  const applying = new Applying(before, revision, now);
  for (const instruction of result.instructions) applying.apply(instruction);
  const { snapshot, stored, children } = result;
  const ended = snapshot.status !== 'active';
  if (ended) applying.stopAll();
  const { timers, effects, armed, doubts, outward, started, stopped } = applying;
  const state: ActorState = {
    ...before,
    revision,
    status: snapshot.status,
    snapshot,
    stored,
    children,
    timers,
    effects,
    armed,
    doubts,
    updatedAt: now,
  };
  return { state, outward, started, stopped };
}

class Applying {
  readonly actor: ActorState;
  readonly revision: number;
  readonly now: number;
  timers: Readonly<Record<string, TimerEntry>>;
  effects: Readonly<Record<string, PendingEffect>>;
  armed: number;
  doubts: readonly string[];
  readonly outward: Instruction[] = [];
  readonly started: EffectName[] = [];
  readonly stopped: EffectName[] = [];
  actions = 0;

  constructor(actor: ActorState, revision: number, now: number) {
    this.actor = actor;
    this.revision = revision;
    this.now = now;
    this.timers = actor.timers;
    this.effects = actor.effects;
    this.armed = actor.armed;
    this.doubts = actor.doubts;
  }

  apply(instruction: Instruction): void {
    switch (instruction.type) {
      case 'startChild':
        return this.startChild(instruction);
      case 'stopChild':
        return this.stopChild(instruction);
      case 'armTimer':
        return this.armTimer(instruction);
      case 'cancelTimer':
        this.timers = without(this.timers, instruction.id);
        return;
      case 'runAction':
        if (instruction.inline === null) this.addAction(instruction);
        else this.outward.push(instruction);
        return;
      case 'send':
      case 'emit':
      case 'log':
      case 'warning':
        this.outward.push(instruction);
        return;
      default:
        assertNever(instruction);
    }
  }

  startChild(instruction: Extract<Instruction, { type: 'startChild' }>): void {
    const { id, src, input, key: given } = instruction;
    const source = this.actor.logic.sources.get(src);
    if (source?.kind !== 'effect') {
      this.outward.push(instruction);
      return;
    }
    const key = keyOf(this.actor.id, this.revision, id, source, input, given);
    this.addEffect({ id, kind: 'effect', src, key, input });
  }

  addAction({ name, params, event }: Extract<Instruction, { type: 'runAction' }>): void {
    const id = `action:${this.revision}.${this.actions++}`;
    const key = `${this.actor.id}@${this.revision}:${id}`;
    this.addEffect({ id, kind: 'action', src: name, key, input: { params, event } });
  }

  addEffect(effect: Pick<PendingEffect, 'id' | 'kind' | 'src' | 'key' | 'input'>): void {
    const generation = this.revision;
    const maybeRan = this.doubts.includes(effect.key);
    const fresh = { ...effect, generation, ...FIRST_ATTEMPT, maybeRan };
    this.effects = { ...this.effects, [effect.id]: fresh };
    this.started.push({ actor: this.actor.id, id: effect.id, generation });
  }

  /** Only a child actor concerns others: an effect or an ask ends with the entry. */
  stopChild(instruction: Extract<Instruction, { type: 'stopChild' }>): void {
    const { id, generation } = instruction;
    const entry = this.actor.children[id];
    const other = entry?.generation === generation && entry.kind !== 'actor';
    if (!other) this.outward.push(instruction);
    this.stopEffect(id, generation);
  }

  stopEffect(id: string, generation: number): void {
    const effect = this.effects[id];
    if (effect === undefined || effect.generation !== generation) return;
    this.effects = without(this.effects, id);
    this.doubts = withDoubt({ id: this.actor.id, doubts: this.doubts }, effect);
    this.stopped.push({ actor: this.actor.id, id, generation });
  }

  armTimer({ id, delayMs, to, event }: Extract<Instruction, { type: 'armTimer' }>): void {
    this.armed += 1;
    const own = to.address === this.actor.id;
    const dueAt = this.now + delayMs;
    const timer: TimerEntry = { id, generation: this.armed, dueAt, event, to: own ? null : to };
    this.timers = { ...this.timers, [id]: timer };
  }

  /** Actions asked for by the last step still run; everything else ends with the actor. */
  stopAll(): void {
    this.timers = {};
    for (const { id, kind, generation } of Object.values(this.effects)) {
      if (kind === 'effect') this.stopEffect(id, generation);
    }
  }
}

/** The key of an effect that starts at a revision. @throws EngineError `BAD_KEY` */
export function keyOf(
  actor: ActorId,
  revision: number,
  id: string,
  source: Extract<ChildSource, { kind: 'effect' }>,
  input: unknown,
  given: string | null = null,
): string {
  const own = source.policy.key;
  if (given === null && own === null) return defaultKey(actor, revision, id);
  const key: unknown = given ?? own?.({ input: input as never });
  if (typeof key === 'string' && key.length > 0 && key.length <= 200) return effectKey(actor, key);
  throw new EngineError(
    'BAD_KEY',
    `Expected the key of effect "${id}" of ${actor} as a text of 1 to 200 characters, got ${String(key)}.`,
  );
}
