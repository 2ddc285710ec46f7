// What people and programs see of an actor: a committed snapshot with XState's own questions on it.

import type { AnyStateMachine, EventFromLogic, SnapshotFrom, StateValue } from 'xstate';
import { copyJson } from '../codec.ts';
import type { ActorId } from '../ids.ts';
import type { ActorState } from '../state/actor-state.ts';
import { isWithin } from '../step/xstate.ts';

/** A timer that an actor waits for. */
export interface TimerView {
  readonly id: string;
  readonly eventType: string;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}

/** An effect without a recorded outcome. */
export interface EffectView {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  /** The attempt that runs or is due; 0: it waits for a place. */
  readonly attempt: number;
  /** When the attempt is due, milliseconds since the epoch; null: now. */
  readonly retryAt: number | null;
}

/** What XState's own `matches` takes: a state value of the machine, or a part of one. */
export type StateTarget<Machine extends AnyStateMachine> = Known<
  Parameters<SnapshotFrom<Machine>['matches']>[0]
>;

/** XState's `any`, for machines whose states are not known, as any state value. */
type Known<Value> = 0 extends 1 & Value ? StateValue : Value;

/** A committed snapshot of an actor: it does not change when the actor does. */
export interface ActorSnapshot<Machine extends AnyStateMachine = AnyStateMachine> {
  readonly id: ActorId;
  readonly machine: string;
  readonly machineVersion: string;
  readonly revision: number;
  readonly incarnation: number;
  readonly status: ActorState['status'];
  readonly value: SnapshotFrom<Machine>['value'];
  readonly context: SnapshotFrom<Machine>['context'];
  readonly output: SnapshotFrom<Machine>['output'];
  /** Why the actor failed; null while it has not. */
  readonly error: ActorState['error'];
  readonly timers: readonly TimerView[];
  readonly effects: readonly EffectView[];
  /** Whether the actor is in this state, or in one below it. */
  matches(value: StateTarget<Machine>): boolean;
  hasTag(tag: string): boolean;
  /** Whether the event would cause a transition; guards are consulted. */
  can(event: EventFromLogic<Machine>): boolean;
}

export function createSnapshot<Machine extends AnyStateMachine>(
  state: ActorState,
): ActorSnapshot<Machine> {
  const live = state.snapshot as Partial<SnapshotFrom<AnyStateMachine>>;
  const active = state.status === 'active';
  let context: { readonly value: unknown } | undefined;
  let output: { readonly value: unknown } | undefined;
  // The machine's own types cannot be seen from its stored form: this is where they are given back.
  const view: ActorSnapshot = {
    id: state.id,
    machine: state.logic.name,
    machineVersion: state.logic.version,
    revision: state.revision,
    incarnation: state.incarnation,
    status: state.status,
    value: state.stored.value ?? {},
    // Copies, made when asked for: what a reader does to them never reaches the actor.
    get context() {
      context ??= { value: copyJson(state.stored.context) };
      return context.value;
    },
    get output() {
      output ??= { value: copyJson(state.stored.output) };
      return output.value;
    },
    error: state.error,
    timers: Object.values(state.timers).map(({ id, event, dueAt }) => ({
      id,
      eventType: event.type,
      dueAt,
    })),
    effects: Object.values(state.effects).map(({ id, src, key, attempt, retryAt }) => ({
      id,
      name: src,
      key,
      attempt,
      retryAt,
    })),
    matches: (value) => live.matches?.(value as never) ?? isWithin(state.stored.value, value),
    hasTag: (tag) => live.hasTag?.(tag as never) ?? false,
    can: (event) => active && (live.can?.(event as never) ?? false),
  };
  return view as ActorSnapshot<Machine>;
}
