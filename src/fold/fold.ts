// Folds the journal of one tree of actors, entry by entry in order of position, into the states that
// the engine had: the same steps, applied in the same way, at the times that the entries give. Nothing
// is written and nothing is sent; what a step asks of others stands in the journal of those others.

import type { EventObject } from 'xstate';
import { canonical, decode } from '../codec.ts';
import { type ActorId, ownIdOf, parentOf } from '../ids.ts';
import { eventLimits, type Limits } from '../limits.ts';
import { selfHandle } from '../state/actor-row.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { StepSystem } from '../step/handle.ts';
import type { HostedLogic } from '../step/logic.ts';
import type { Registry } from '../step/registry.ts';
import { initialStep, step } from '../step/step.ts';
import { type Applied, applyStep } from '../step/transition.ts';
import type { ActorRecord, JournalEntry } from '../store.ts';
import { unborn } from '../turn/birth.ts';
import { describeError } from '../turn/message.ts';
import { afterTimer, asFailed, asResumed, asStopped } from '../turn/settling.ts';
import { TreeAnswers, type TreeScope } from '../turn/tree-answers.ts';
import { NO_INPUT } from '../turn/unit-output.ts';
import type { Known } from '../turn/view.ts';
import { isResult, stateOfResult } from './result-entry.ts';
import { settledBy } from './settled-by.ts';
import { SystemNames } from './system-names.ts';

export interface FoldOptions {
  readonly root: ActorId;
  readonly registry: Registry;
  readonly system: StepSystem;
  readonly limits: Limits;
  /** Tells the machine of an actor whose parent does not: a root's. */
  readonly records: ReadonlyMap<ActorId, Pick<ActorRecord, 'machine' | 'machineVersion'>>;
  /**
   * Keys of named actions to keep as pending: the journal does not say when one is done, so the others
   * are taken to be.
   */
  readonly actions: ReadonlySet<string>;
}

/** Where the journal and the fold part, on the way. */
export interface Parting {
  readonly revision: number;
  readonly path: string;
  readonly stored: unknown;
  readonly folded: unknown;
}

/** An actor as far as it has been folded. */
export interface Folded {
  readonly state: ActorState | null;
  /** Why its entries cannot be folded any further; null while they can. */
  readonly problem: string | null;
  /** The first difference between what an entry says and what its step gave. */
  readonly parting: Parting | null;
  /** Domain events that the last steps have emitted and whose entries are to come. */
  readonly toEmit: readonly EventObject[];
  /** What its last step has taken, as XState gave it; see `transitionNames`. */
  readonly taken: readonly unknown[];
}

const NOT_BEGUN: Folded = { state: null, problem: null, parting: null, toEmit: [], taken: [] };

export class TreeFold implements TreeScope {
  readonly system: StepSystem;
  readonly output: TreeScope['output'];
  readonly #options: FoldOptions;
  readonly #actors: Map<ActorId, Folded> = new Map();
  readonly #names: SystemNames = new SystemNames();
  /** Actors whose snapshots a step has read although they could not be folded. */
  #blindReads: ActorId[] = [];

  constructor(options: FoldOptions) {
    this.#options = options;
    this.system = options.system;
    this.output = {
      setSystemId: (_root, systemId, actor) => this.#names.set(systemId, actor),
    };
  }

  /** How far an actor has been folded. */
  of(id: ActorId): Folded {
    return this.#actors.get(id) ?? NOT_BEGUN;
  }

  actor(id: ActorId): Known {
    const { state, problem } = this.of(id);
    if (problem !== null) this.#blindReads.push(id);
    return state;
  }

  systemIds(): ReadonlyMap<string, ActorId> {
    return this.#names.all;
  }

  /** Takes the next entry of the tree. Never throws: what cannot be folded is a problem of its actor. */
  apply(entry: JournalEntry): void {
    this.#names.pass(entry);
    const before = this.of(entry.actor);
    this.#blindReads = [];
    try {
      const after = this.#folded(entry, before);
      this.#actors.set(entry.actor, after);
      const [unread] = this.#blindReads;
      if (unread !== undefined) {
        const problem = `its step at revision ${entry.revision} reads ${unread}, which cannot be folded`;
        this.#actors.set(entry.actor, { ...after, problem: after.problem ?? problem });
      }
    } catch (error) {
      const { message } = describeError(error);
      const problem = `folding its entry of revision ${entry.revision} threw: ${message}`;
      this.#actors.set(entry.actor, { ...before, problem: before.problem ?? problem });
    }
  }

  #folded(entry: JournalEntry, before: Folded): Folded {
    if (isResult(entry)) {
      const { root, registry } = this.#options;
      const state = stateOfResult(entry, root, registry, this.system);
      this.#names.replace(state);
      return { ...NOT_BEGUN, state: this.#withoutActions(state) };
    }
    if (entry.kind === 'started') return this.#start(entry, before);
    const { state } = before;
    if (before.problem !== null) return before;
    if (state === null) {
      const problem = `its journal begins at revision ${entry.revision}, without a start`;
      return { ...before, problem };
    }
    if (entry.revision !== state.revision + 1) {
      const problem = `its journal has no entry of revision ${state.revision + 1}`;
      return { ...before, problem };
    }
    if (entry.kind === 'received') return this.#receive(entry, state, before);
    if (entry.kind === 'emitted') return emit(entry, state, before);
    return { ...before, taken: [], state: this.#note(entry, state) };
  }

  #start(entry: JournalEntry, before: Folded): Folded {
    const { actor: id, revision, data, at } = entry;
    const birth = this.#birth(entry);
    const input = data === NO_INPUT ? undefined : decode(data, `journal entry ${entry.position}`);
    const self = selfHandle(id, this.system);
    const { limits, root } = this.#options;
    const answers = new TreeAnswers(this, self, root, null, revision);
    const context = { revision, limits: eventLimits(limits), answers };
    const result = initialStep(birth.logic, self, input, context);
    const first = unborn({ id, input, ...birth }, self, before.state, result, at);
    const applied = applyStep({ ...first, revision: revision - 1 }, result, revision, at);
    answers.keep();
    return { ...this.#stepped(entry, applied, NOT_BEGUN), taken: result.taken };
  }

  /** The machine of an actor that starts, and who has started it. */
  #birth({ actor: id, causation }: JournalEntry): {
    readonly logic: HostedLogic;
    readonly parent: {
      readonly id: ActorId;
      readonly root: ActorId;
      readonly generation: number;
    } | null;
  } {
    const { root, registry, records } = this.#options;
    const above = parentOf(id);
    const record = records.get(id);
    const ofRecord = (): HostedLogic =>
      registry.hosted(record?.machine ?? id, record?.machineVersion ?? '');
    if (above === null) return { logic: ofRecord(), parent: null };
    const generation = Number(causation?.slice(above.length + 1));
    const parent = { id: above, root, generation };
    const state = this.of(above).state;
    const src = state?.children[ownIdOf(id)]?.src;
    const source = src === undefined ? undefined : state?.logic.sources.get(src);
    return { logic: source?.kind === 'actor' ? source.logic : ofRecord(), parent };
  }

  #receive(entry: JournalEntry, state: ActorState, before: Folded): Folded {
    const { revision, at } = entry;
    const event = decode(entry.data, `journal entry ${entry.position}`) as EventObject;
    const settled = settledBy(state, entry, event);
    const answers = new TreeAnswers(this, state.self, state.root, settled, revision);
    const context = { revision, limits: eventLimits(this.#options.limits), answers };
    const result = step(settled, event, context);
    const applied = applyStep(settled, result, revision, at);
    answers.keep();
    return { ...this.#stepped(entry, applied, before), taken: result.taken };
  }

  /** Compares what the entry says of its step with what the step gave now. */
  #stepped(
    entry: JournalEntry,
    { state, outward }: Applied,
    before: Folded,
  ): Omit<Folded, 'taken'> {
    if (state.status !== 'active') this.#names.freeAfter(entry, this.#nameOf(state));
    const emitted = outward.flatMap((instruction) =>
      instruction.type === 'emit' ? [instruction.event] : [],
    );
    const value = state.stored.value ?? null;
    const stored: unknown =
      entry.state === null ? null : decode(entry.state, `journal entry ${entry.position}`);
    const same = canonical(stored) === canonical(value);
    const parted = same ? null : { revision: entry.revision, path: 'value', stored, folded: value };
    return {
      state: this.#withoutActions(state),
      problem: null,
      parting: before.parting ?? missingEmit(entry, before) ?? parted,
      toEmit: emitted,
    };
  }

  #note(entry: JournalEntry, state: ActorState): ActorState {
    const { revision, at, type } = entry;
    const noted = { ...state, revision, updatedAt: at };
    const data = decode(entry.data, `journal entry ${entry.position}`);
    switch (type) {
      case 'actor.stopped':
        return asStopped(noted);
      case 'actor.failed':
        this.#names.freeAfter(entry, this.#nameOf(state));
        return asFailed(noted, data as NonNullable<ActorState['error']>);
      case 'actor.resumed':
        return asResumed(noted);
      case 'timer.fired':
        return afterTimer(noted, (data as { readonly id: string }).id);
      default:
        return noted;
    }
  }

  #withoutActions(state: ActorState): ActorState {
    const effects = Object.values(state.effects);
    const kept = effects.filter(
      ({ kind, key }) => kind === 'effect' || this.#options.actions.has(key),
    );
    if (kept.length === effects.length) return state;
    return { ...state, effects: Object.fromEntries(kept.map((effect) => [effect.id, effect])) };
  }

  /** The system id that is free once the actor has ended. */
  #nameOf({ parent, self, generation }: ActorState): string | undefined {
    const entry = parent === null ? undefined : this.of(parent).state?.children[self.id];
    return entry?.generation === generation ? entry.systemId : undefined;
  }
}

/** A domain event is what its step has emitted, in that order. */
function emit(entry: JournalEntry, state: ActorState, before: Folded): Folded {
  const [expected, ...toEmit] = before.toEmit;
  const event = decode(entry.data, `journal entry ${entry.position}`);
  const same = expected !== undefined && canonical(expected) === canonical(event);
  const { revision } = entry;
  const parted = same
    ? null
    : { revision, path: 'emitted', stored: event, folded: expected ?? null };
  const next = { ...state, revision };
  return { ...before, state: next, toEmit, taken: [], parting: before.parting ?? parted };
}

function missingEmit({ revision }: JournalEntry, { toEmit }: Folded): Parting | null {
  const [folded] = toEmit;
  return folded === undefined ? null : { revision, path: 'emitted', stored: null, folded };
}
