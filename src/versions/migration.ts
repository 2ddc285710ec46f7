// Declares how actors of one version of a machine become actors of another: one pure function over all
// that an actor is, because the ids of its timers and effects are named after its states.

import type { EventObject, StateValue } from 'xstate';
import type { ActorId } from '../ids.ts';
import { checkMembers, type Members, refuseOption } from '../options.ts';

/** A delayed event. Those of `after` are named `xstate.after.<delay>.<state id>`. */
export interface MigratingTimer {
  /** The id it came with; a timer without is a new one. */
  readonly was?: string;
  readonly id: string;
  /** Milliseconds since the epoch. It stays as it is; to have another, leave `was` out. */
  readonly dueAt: number;
  /** May be left out for a new timer of `after`. One that has the timer's id as its type follows it. */
  readonly event?: EventObject;
}

/** A call without an outcome. One of an invoke without an id is named `<index>.<state id>`. */
export interface MigratingEffect {
  /** The id it came with; an effect without is a new one, and is called after the migration. */
  readonly was?: string;
  readonly id: string;
  /** `action` for a named action that is still to run. */
  readonly kind?: 'effect' | 'action';
  readonly src: string;
  /** Stays as it is: the call may have been made under it. */
  readonly key?: string;
  /** Stays as it is, for the same reason. */
  readonly input?: unknown;
}

/** A child as its parent knows it: finished ones are still there, effects and asks among them. */
export interface MigratingChild {
  readonly was?: string;
  /** The id of a child actor is its address and never changes: give its invoke that id instead. */
  readonly id: string;
  readonly src: string;
  readonly kind: 'effect' | 'ask' | 'actor';
  readonly status: 'active' | 'done' | 'error';
}

/** All of an actor that depends on its machine. Plain JSON; what is left out of the lists is gone. */
export interface MigratingActor<Context = unknown> {
  readonly id: ActorId;
  /** Absent for transition logic. */
  readonly value?: StateValue;
  readonly context: Context;
  /** Remembered states by the ids of history states, as state ids. */
  readonly history?: Readonly<Record<string, readonly string[]>>;
  readonly timers: readonly MigratingTimer[];
  readonly effects: readonly MigratingEffect[];
  readonly children: readonly MigratingChild[];
}

export type MigratedActor = Omit<MigratingActor, 'id'>;

export interface MigrationOptions<Context = unknown> {
  /** The machine's id; for a child machine the id of its root, a slash and its name there. */
  readonly machine: string;
  readonly from: string;
  readonly to: string;
  /**
   * Pure: it is also run on copies. What it gives must fit version `to`: each state, timer, effect and
   * child by its new id. No entry action runs and no `always` is taken.
   */
  readonly migrate: (actor: MigratingActor<Context>) => MigratedActor;
}

/** One step from a version to another. Made by {@link migration}. */
export interface Migration extends Omit<MigrationOptions, 'migrate'> {
  readonly migrate: (actor: MigratingActor<never>) => MigratedActor;
}

const OPTIONS: Members<MigrationOptions> = { machine: true, from: true, to: true, migrate: true };

/**
 * A migration for `openEngine({ migrations: [...] })`: at the next open, actors in flight of version
 * `from` become actors of version `to`. Several make a chain.
 * @throws EngineError `BAD_OPTION`
 */
export function migration<Context = unknown>(options: MigrationOptions<Context>): Migration {
  checkMembers(options, 'the options of migration', OPTIONS);
  const { machine, from, to, migrate } = options;
  for (const [name, text] of Object.entries({ machine, from, to })) {
    if (typeof text !== 'string' || text === '') refuseOption(name, 'a text', text);
  }
  if (from === to) refuseOption('to', `another version than "${from}"`, to);
  if (typeof migrate !== 'function') refuseOption('migrate', 'a function', migrate);
  return { machine, from, to, migrate };
}
