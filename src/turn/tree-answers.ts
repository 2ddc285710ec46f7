// What a step may ask while it runs: the system ids and the snapshots of its own tree. Changes of
// system ids are an overlay here, kept only if the step succeeds.

import { EngineError } from '../errors.ts';
import { type ActorId, childAddress, ownIdOf } from '../ids.ts';
import type { ActorState } from '../state/actor-state.ts';
import { ActorHandle, type StepSystem } from '../step/handle.ts';
import type { StepAnswers } from '../step/xstate.ts';
import { isThere, Missing, type View } from './view.ts';

/** Where the answers come from: a unit of work, or a fold of the journal. */
export interface TreeScope extends View {
  readonly system: StepSystem;
  readonly output: {
    setSystemId(root: ActorId, systemId: string, actor: ActorId | null): void;
  };
}

export class TreeAnswers implements StepAnswers {
  readonly sessionPrefix: string;
  /** What could not be answered yet: checked after the step, in case user code caught the throw. */
  missing: Missing | null = null;
  readonly #unit: TreeScope;
  readonly #self: ActorHandle;
  readonly #root: ActorId;
  /** The actor before the step; null at its first. */
  readonly #state: ActorState | null;
  readonly #changes: Map<string, ActorId | null> = new Map();

  constructor(
    unit: TreeScope,
    self: ActorHandle,
    root: ActorId,
    state: ActorState | null,
    revision: number,
  ) {
    this.#unit = unit;
    this.#self = self;
    this.#root = root;
    this.#state = state;
    this.sessionPrefix = `x:${revision}`;
  }

  findSystemId = (systemId: string): ActorHandle | undefined => {
    const changed = this.#changes.get(systemId);
    const address = changed === undefined ? this.#systemIds().get(systemId) : changed;
    if (address === undefined || address === null) return undefined;
    if (address === this.#self.address) return this.#self;
    return new ActorHandle({ id: ownIdOf(address), address, system: this.#unit.system });
  };

  claimSystemId = (systemId: string, ref: object): void => {
    if (this.findSystemId(systemId) !== undefined) {
      throw new Error(`Actor with system ID '${systemId}' already exists.`);
    }
    const id = 'id' in ref ? String(ref.id) : '';
    this.#changes.set(systemId, childAddress(this.#self.address, id));
  };

  /** A stopped child's system ids, and those below it, are free at once. */
  releaseSystemIds = (ref: object): void => {
    if (!('id' in ref)) return;
    const id = String(ref.id);
    const named = 'systemId' in ref && ref.systemId !== undefined;
    // Only child actors can have named actors below them; most children are effects without a name.
    if (!named && this.#state?.children[id]?.kind !== 'actor') return;
    const address = childAddress(this.#self.address, id);
    for (const [systemId, actor] of [...this.#systemIds(), ...this.#changes]) {
      if (actor === address || actor?.startsWith(`${address}/`)) this.#changes.set(systemId, null);
    }
  };

  readSnapshot = (handle: ActorHandle): unknown => {
    const { address, generation } = handle;
    if (address === this.#self.address) return this.#state?.snapshot;
    const child = this.#state?.children[handle.id];
    if (child !== undefined && child.kind !== 'actor' && child.generation === generation) {
      const { status, output, error } = child;
      return { status, output, error };
    }
    const root = this.#root;
    if (address !== root && !address.startsWith(`${root}/`)) {
      throw new EngineError(
        'SNAPSHOT_OUT_OF_TREE',
        `Expected getSnapshot() of an actor in the tree of ${root}, got ${address}. Use ask, or send its state to this actor.`,
      );
    }
    const known = this.#noticing(() => this.#unit.actor(address));
    return isThere(known) ? known.snapshot : undefined;
  };

  /** Keeps the changes of system ids: the step has succeeded. */
  keep(): void {
    for (const [systemId, actor] of this.#changes) {
      this.#unit.output.setSystemId(this.#root, systemId, actor);
    }
  }

  #systemIds(): ReadonlyMap<string, ActorId> {
    return this.#noticing(() => this.#unit.systemIds(this.#root));
  }

  #noticing<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      if (error instanceof Missing) this.missing = error;
      throw error;
    }
  }
}
