// One machine stepped as a turn of the engine would step it, without a store: hosted, stepped, applied,
// and on demand written as a store's record and read again. For tests of steps and of the adapter.

import type { AnyStateMachine, EventObject } from 'xstate';
import { type ActorId, actorAddress, parentOf } from '../../../src/ids.ts';
import { DEFAULT_LIMITS, eventLimits, snapshotLimits } from '../../../src/limits.ts';
import { readActor, selfHandle, writeActor } from '../../../src/state/actor-row.ts';
import type { ActorState } from '../../../src/state/actor-state.ts';
import { hostMachine } from '../../../src/step/classify.ts';
import { type ActorHandle, StepSystem } from '../../../src/step/handle.ts';
import type { HostedLogic } from '../../../src/step/logic.ts';
import { initialStep, type StepResult, step } from '../../../src/step/step.ts';
import { applyStep } from '../../../src/step/transition.ts';
import type { ActorRecord } from '../../../src/store.ts';
import { TreeAnswers } from '../../../src/turn/tree-answers.ts';
import { Unit } from '../../../src/turn/unit.ts';

const EVENT_BOUNDS = eventLimits(DEFAULT_LIMITS);
const ROW_BOUNDS = snapshotLimits(DEFAULT_LIMITS);

export class EngineSteps {
  readonly logic: HostedLogic;
  readonly self: ActorHandle;
  readonly parent: ActorId | null;
  readonly #system: StepSystem = new StepSystem();
  #systemIds: ReadonlyMap<string, ActorId> = new Map();
  #state: ActorState | null = null;

  /** @param address with a slash for a child */
  constructor(machine: AnyStateMachine | HostedLogic, address = 'actor') {
    const id = actorAddress(address);
    this.parent = parentOf(id);
    this.logic = 'kind' in machine ? machine : hostMachine(machine, {});
    this.self = selfHandle(id, this.#system);
  }

  /** The actor as the engine would hold it now. */
  get state(): ActorState {
    if (this.#state === null) throw new Error('Expected an actor that has been started.');
    return this.#state;
  }

  set state(state: ActorState) {
    this.#state = state;
  }

  /** @throws what `initialStep` throws; there is no actor then */
  start(input?: unknown, nowMs = 0): StepResult {
    return this.#stepping(null, 1, nowMs, (answers) =>
      initialStep(this.logic, this.self, input, { revision: 1, limits: EVENT_BOUNDS, answers }),
    );
  }

  /** @throws what `step` throws; the actor is as it was then */
  take(event: EventObject, nowMs = 0): StepResult {
    const { state } = this;
    const revision = state.revision + 1;
    return this.#stepping(state, revision, nowMs, (answers) =>
      step(state, event, { revision, limits: EVENT_BOUNDS, answers }),
    );
  }

  /** The actor as a store would hold it. */
  get record(): ActorRecord {
    return writeActor(this.state, ROW_BOUNDS);
  }

  /** Stores the actor and reads it again. @throws Error when that is not the same actor */
  restore(): void {
    const { record } = this;
    this.#state = readActor(record, this.logic, this.#system);
    const again = JSON.stringify(this.record);
    if (again === JSON.stringify(record)) return;
    throw new Error(`Expected to read ${JSON.stringify(record)} as it was written, got ${again}.`);
  }

  #stepping(
    before: ActorState | null,
    revision: number,
    now: number,
    run: (answers: TreeAnswers) => StepResult,
  ): StepResult {
    const view = { actor: () => before, systemIds: () => this.#systemIds };
    const findSeed = (): null => null;
    const common = { system: this.#system, limits: DEFAULT_LIMITS, findSeed, now };
    const unit = new Unit({ view, ...common });
    const root = this.parent ?? this.self.address;
    const answers = new TreeAnswers(unit, this.self, root, before, revision);
    const result = run(answers);
    answers.keep();
    this.#systemIds = unit.systemIds(root);
    this.#state = applyStep(before ?? this.#unborn(result), result, revision, now).state;
    return result;
  }

  #unborn({ snapshot, stored }: StepResult): ActorState {
    return {
      id: this.self.address,
      root: this.parent ?? this.self.address,
      parent: this.parent,
      generation: this.parent === null ? null : 1,
      self: this.self,
      logic: this.logic,
      revision: 0,
      incarnation: 1,
      status: 'active',
      inputHash: '',
      snapshot,
      stored,
      children: {},
      timers: {},
      effects: {},
      armed: 0,
      doubts: [],
      answered: [],
      error: null,
      createdAt: 0,
      updatedAt: 0,
    };
  }
}
