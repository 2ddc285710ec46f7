// One step: pure. (logic, state, event) -> next snapshot, children and what is asked of the engine, in
// the order in which XState recorded it. No clock, no I/O; a throw here changes nothing anywhere.

import type { EventObject } from 'xstate';
import { type CodecLimits, toPlain } from '../codec.ts';
import { KeyedInput } from '../effects/effect.ts';
import { EngineError } from '../errors.ts';
import { childAddress } from '../ids.ts';
import type { ActorState, ChildEntry } from '../state/actor-state.ts';
import { ActorHandle } from './handle.ts';
import type { Instruction, Target } from './instruction.ts';
import type { HostedLogic } from './logic.ts';
import { markReferences, reviveReferences } from './reference.ts';
import {
  type ConstructedChild,
  type LiveSnapshot,
  type Macrostep,
  type RecordedAction,
  runInitial,
  runTransition,
  SPAWNED,
  type StepAnswers,
  type StoredSnapshot,
  storedSnapshot,
} from './xstate.ts';

export interface StepResult {
  /** False: the event means nothing in this state and nothing changed. */
  readonly handled: boolean;
  /** As XState gave them, see `transitionNames`. */
  readonly taken: readonly unknown[];
  readonly snapshot: LiveSnapshot;
  readonly stored: StoredSnapshot;
  readonly children: Readonly<Record<string, ChildEntry>>;
  readonly instructions: readonly Instruction[];
}

/** What a step needs besides state and event; `revision` is the one its journal entry will have. */
export interface StepContext {
  readonly revision: number;
  readonly limits: CodecLimits;
  readonly answers: StepAnswers;
}

/** The first step of an actor. @throws what its context factory or an initial action threw */
export function initialStep(
  logic: HostedLogic,
  self: ActorHandle,
  input: unknown,
  context: StepContext,
): StepResult {
  const macrostep = runInitial(logic, self, reviveReferences(input, self, {}), context.answers);
  return new Interpretation(logic, self, {}, {}, context).result(macrostep);
}

/** One event. @throws what a guard, an assign or an unhandled error event threw */
export function step(state: ActorState, event: EventObject, context: StepContext): StepResult {
  const { logic, self, snapshot, children } = state;
  const handles = snapshot.children ?? {};
  const revived = reviveReferences(event, self, handles) as EventObject;
  const macrostep = runTransition(logic, self, snapshot, revived, context.answers);
  return new Interpretation(logic, self, children, handles, context).result(macrostep);
}

/** Reads what XState recorded during one macrostep. */
class Interpretation {
  readonly logic: HostedLogic;
  readonly self: ActorHandle;
  readonly context: StepContext;
  readonly instructions: Instruction[] = [];
  readonly stopped: Set<unknown> = new Set();
  children: Readonly<Record<string, ChildEntry>>;
  handles: Readonly<Record<string, object | undefined>>;
  unnamed = 0;

  constructor(
    logic: HostedLogic,
    self: ActorHandle,
    children: Readonly<Record<string, ChildEntry>>,
    handles: Readonly<Record<string, object | undefined>>,
    context: StepContext,
  ) {
    this.logic = logic;
    this.self = self;
    this.children = children;
    this.handles = handles;
    this.context = context;
  }

  result(macrostep: Macrostep): StepResult {
    const { snapshot, actions, handled, taken } = macrostep;
    // XState's own error snapshot is never kept: it empties `children`. The caller keeps the last good
    // state instead (docs/guarantees.md, failing alone).
    if (snapshot.status === 'error') throw snapshot.error;
    for (const { type, params } of actions)
      if (type === 'xstate.stopChild') this.stopped.add(params);
    for (const action of actions) this.interpret(action);
    const stored = this.plain(storedSnapshot(snapshot), this.logic.name) as StoredSnapshot;
    const next = Object.assign(snapshot, {
      context: reviveReferences(stored.context, this.self, this.handles),
      output: stored.output,
      children: this.handles,
    });
    const { children, instructions } = this;
    return { handled, taken, snapshot: next, stored, children, instructions };
  }

  interpret(action: RecordedAction): void {
    if (!action.type.startsWith('xstate.') && action.type !== SPAWNED)
      return this.runAction(action);
    const params = (action.params ?? {}) as BuiltInParams;
    switch (action.type) {
      case SPAWNED:
      case 'xstate.spawnChild':
        return this.startChild(params.actorRef, params.src);
      case 'xstate.stopChild':
        return this.stopChild(action.params);
      case 'xstate.sendTo':
        return this.send(params);
      case 'xstate.raise':
        // Without a delay, XState has already processed it within this macrostep.
        if (params.delay !== undefined) this.armTimer(this.targetOf(this.self), params);
        return;
      case 'xstate.cancel':
        this.instructions.push({ type: 'cancelTimer', id: String(params.sendId) });
        return;
      case 'xstate.emit':
        this.instructions.push({ type: 'emit', event: this.event(params.event, 'emit') });
        return;
      case 'xstate.log':
        this.instructions.push({ type: 'log', label: params.label ?? null, value: params.value });
        return;
      default:
        throw new EngineError(
          'MACHINE_UNSUPPORTED',
          `Expected an action that this version knows, got "${action.type}". Use the tested range of xstate.`,
        );
    }
  }

  startChild(ref: ConstructedChild | undefined, src: unknown): void {
    if (ref === undefined) {
      throw new EngineError(
        'MACHINE_UNSUPPORTED',
        `Expected logic behind "${String(src)}" in machine "${this.logic.name}", got none. Add it to setup({ actors }).`,
      );
    }
    if (this.stopped.has(ref)) return;
    const source = typeof ref.src === 'string' ? this.logic.sources.get(ref.src) : undefined;
    if (typeof ref.src !== 'string' || source === undefined) {
      throw new EngineError(
        'MACHINE_UNSUPPORTED',
        `Expected child "${ref.id}" of machine "${this.logic.name}" to be spawned by name, got inline logic, which cannot be found again after a restart. Name it in setup({ actors }).`,
      );
    }
    const { id, src: name, systemId } = ref;
    const generation = this.context.revision;
    const replaced = this.children[id];
    if (replaced !== undefined) {
      this.instructions.push({ type: 'stopChild', id, generation: replaced.generation });
    }
    const entry: ChildEntry = {
      id,
      kind: source.kind,
      src: name,
      generation,
      status: 'active',
      ...(systemId !== undefined && { systemId }),
      ...(ref._syncSnapshot === true && { sync: true }),
    };
    this.children = { ...this.children, [id]: entry };
    this.handles = { ...this.handles, [id]: childHandle(this.self, entry) };
    const given = ref.options.input;
    const key = given instanceof KeyedInput ? given.key : null;
    if (key !== null && source.kind !== 'effect') {
      throw new EngineError(
        'BAD_KEY',
        `Expected a keyed input for an effect only, got one for "${id}" of machine "${this.logic.name}", which is no effect.`,
      );
    }
    const unwrapped = given instanceof KeyedInput ? given.input : given;
    const input = this.plain(unwrapped, `input of "${id}"`);
    this.instructions.push({ type: 'startChild', id, src: name, input, key });
  }

  stopChild(ref: unknown): void {
    // A child made in this very step and stopped again was never started.
    if (!(ref instanceof ActorHandle) || ref.generation === null) return;
    const { id, generation } = ref;
    if (this.children[id]?.generation === generation) {
      const { [id]: _child, ...children } = this.children;
      const { [id]: _handle, ...handles } = this.handles;
      this.children = children;
      this.handles = handles;
    }
    this.instructions.push({ type: 'stopChild', id, generation });
  }

  send(params: BuiltInParams): void {
    const { to } = params;
    if (this.stopped.has(to) && !(to instanceof ActorHandle)) return;
    const target = this.targetOf(to);
    if (typeof params.delay === 'number') return this.armTimer(target, params);
    const event = this.event(params.event, 'sendTo');
    // XState's escalation: an error sent to the parent arrives as this child's error event.
    const escalated =
      event.type === 'xstate.error'
        ? {
            type: `xstate.error.actor.${this.self.id}`,
            error: 'data' in event ? event.data : undefined,
            actorId: this.self.id,
          }
        : event;
    this.instructions.push({ type: 'send', to: target, event: escalated });
  }

  armTimer(to: Target, params: BuiltInParams): void {
    const { delay } = params;
    if (typeof delay !== 'number' || !Number.isFinite(delay)) {
      throw new EngineError(
        'BAD_DURATION',
        `Expected a finite delay in machine "${this.logic.name}", got ${String(delay)}.`,
      );
    }
    const id = params.id ?? `timer:${this.context.revision}.${this.unnamed++}`;
    const event = this.event(params.event, 'delayed event');
    this.instructions.push({ type: 'armTimer', id, delayMs: Math.max(0, delay), to, event });
  }

  runAction(action: RecordedAction): void {
    const { type: name, exec, info } = action;
    if (typeof exec !== 'function') {
      const message = `Action "${name}" of machine "${this.logic.name}" has no implementation.`;
      this.instructions.push({ type: 'warning', message });
      return;
    }
    const known = this.logic.kind === 'machine' ? this.logic.machine.implementations.actions : {};
    const params = this.plain(action.params, `params of action "${name}"`);
    const inline = known[name] === exec ? null : (): void => exec(info, params);
    const cause = typeof info === 'object' && info !== null && 'event' in info ? info.event : null;
    const event = this.plain(cause, `event of action "${name}"`);
    this.instructions.push({ type: 'runAction', name, params, event, inline });
  }

  targetOf(ref: unknown): Target {
    if (ref instanceof ActorHandle) return { address: ref.address, generation: ref.generation };
    if (typeof ref === 'object' && ref !== null && 'id' in ref) {
      const address = childAddress(this.self.address, String(ref.id));
      return { address, generation: this.context.revision };
    }
    throw new EngineError(
      'ACTOR_NOT_FOUND',
      `Expected sendTo in machine "${this.logic.name}" to name an actor, got ${String(ref)}.`,
    );
  }

  event(event: unknown, what: string): EventObject {
    const plain = this.plain(event, what);
    if (
      typeof plain === 'object' &&
      plain !== null &&
      'type' in plain &&
      typeof plain.type === 'string'
    ) {
      return plain as EventObject;
    }
    throw new EngineError(
      'BAD_EVENT',
      `Expected ${what} of an event with a string type, got ${String(event)}.`,
    );
  }

  plain(value: unknown, path: string): unknown {
    return markReferences((replace) => toPlain(value, path, this.context.limits, replace), this);
  }
}

/** The parameters of XState's built-in actions that the engine reads. */
interface BuiltInParams {
  readonly actorRef?: ConstructedChild;
  readonly src?: unknown;
  readonly to?: unknown;
  readonly event?: unknown;
  readonly delay?: unknown;
  readonly id?: string;
  readonly sendId?: unknown;
  readonly label?: string;
  readonly value?: unknown;
}

/** The reference by which a parent, its context and its events know a child. */
export function childHandle(parent: ActorHandle, entry: ChildEntry): ActorHandle {
  return new ActorHandle({
    id: entry.id,
    address: childAddress(parent.address, entry.id),
    system: parent.system,
    parent,
    generation: entry.generation,
    systemId: entry.systemId ?? null,
    src: entry.src,
  });
}
