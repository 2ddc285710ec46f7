// The actor references that statecharts see under the engine: addresses that look like XState refs.
// A handle never delivers anything: messages leave a step only as recorded actions. Class instances on
// purpose, because immer freezes and proxies plain objects.

import type { AnyActorRef } from 'xstate';
import { REFERENCE_MARKER } from '../codec.ts';
import { EngineError } from '../errors.ts';
import { type ActorId, actorAddress } from '../ids.ts';

/** What a step in progress answers to XState code that asks its system or a reference. */
export interface StepScope {
  nextSessionId(): string;
  findSystemId(systemId: string): ActorHandle | undefined;
  claimSystemId(systemId: string, ref: object): void;
  /** The snapshot of an actor of the same tree. */
  readSnapshot(handle: ActorHandle): unknown;
  constructed(ref: object): void;
  microstep(transitions: readonly unknown[]): void;
}

/** What is stored in place of a reference. */
export interface StoredReference {
  readonly [REFERENCE_MARKER]: 1;
  readonly id: string;
  readonly address: ActorId;
  /** Tells the child that was meant from a later one under the same id; null for the others. */
  readonly generation: number | null;
}

function adviseSendTo(): never {
  throw new EngineError(
    'SEND_IN_STEP',
    'Expected messages to leave a statechart as actions, got a direct send() inside a step, which a crash would lose. Use the sendTo() action.',
  );
}

/**
 * The `system` of every actor hosted by one engine. XState's constructor of child references and its
 * macrostep call these members; `scope` is the step that is running, if any.
 */
export class StepSystem {
  scope: StepScope | null = null;
  readonly _clock: object = { setTimeout: adviseSendTo, clearTimeout: adviseSendTo };
  readonly scheduler: object = {
    schedule: adviseSendTo,
    cancel: adviseSendTo,
    cancelAll: () => undefined,
  };

  _logger(): void {}
  _register(sessionId: string): string {
    return sessionId;
  }
  _unregister(): void {}
  _relay(): never {
    return adviseSendTo();
  }
  _bookId(): string {
    return this.scope?.nextSessionId() ?? 'x:0';
  }
  _set(systemId: string, ref: object): void {
    this.scope?.claimSystemId(systemId, ref);
  }
  get(systemId: string): ActorHandle | undefined {
    return this.scope?.findSystemId(systemId);
  }
  getAll(): object {
    return {};
  }
  inspect(): never {
    throw new EngineError('SEND_IN_STEP', 'Use engine.inspect() to observe actors of the engine.');
  }
  _sendInspectionEvent(event: {
    readonly type: string;
    readonly actorRef?: object;
    readonly _transitions?: readonly unknown[];
  }): void {
    if (event.type === '@xstate.actor') this.scope?.constructed(event.actorRef ?? {});
    else if (event.type === '@xstate.microstep') this.scope?.microstep(event._transitions ?? []);
  }
}

export interface HandleOptions {
  readonly id: string;
  readonly address: ActorId;
  readonly system: StepSystem;
  readonly parent?: ActorHandle | undefined;
  readonly generation?: number | null;
  readonly systemId?: string | null;
  readonly src?: string | undefined;
}

/** An actor reference as context, events, guards and actions hold it under the engine. */
export class ActorHandle {
  readonly id: string;
  readonly sessionId: string;
  readonly address: ActorId;
  readonly generation: number | null;
  readonly system: StepSystem;
  readonly systemId: string | undefined;
  readonly src: string | undefined;
  readonly _parent: ActorHandle | undefined;
  readonly ref: ActorHandle = this;
  /** XState's mark of a running actor: a stop of it must be recorded, not skipped. */
  readonly _processingStatus = 1;

  constructor(options: HandleOptions) {
    this.id = options.id;
    this.sessionId = options.address;
    this.address = options.address;
    this.generation = options.generation ?? null;
    this.system = options.system;
    this.systemId = options.systemId ?? undefined;
    this.src = options.src;
    this._parent = options.parent;
  }

  send(): never {
    return adviseSendTo();
  }
  _send(): never {
    return adviseSendTo();
  }
  start(): this {
    return this;
  }
  stop(): never {
    return adviseSendTo();
  }
  getSnapshot(): unknown {
    const { scope } = this.system;
    if (scope === null) {
      throw new EngineError(
        'SNAPSHOT_OUT_OF_TREE',
        `Expected getSnapshot() of ${this.address} inside a step of its own tree. Outside of steps use engine.actor(...).snapshot().`,
      );
    }
    return scope.readSnapshot(this);
  }
  subscribe(): never {
    throw new EngineError('SEND_IN_STEP', 'Use engine.actor(...).subscribe() to observe an actor.');
  }
  on(): never {
    return this.subscribe();
  }
  toJSON(): StoredReference {
    return {
      [REFERENCE_MARKER]: 1,
      id: this.id,
      address: this.address,
      generation: this.generation,
    };
  }
}

const detached: StepSystem = new StepSystem();

/**
 * A reference to any actor of the engine by its address, for `sendTo` and for context.
 * @throws EngineError `BAD_ID`
 */
export function actorRef(address: string): AnyActorRef & Pick<ActorHandle, 'address'> {
  const id = actorAddress(address);
  const handle: unknown = new ActorHandle({ id, address: id, system: detached });
  // XState's own type also names what only a living actor has; statecharts see just a reference.
  return handle as AnyActorRef & Pick<ActorHandle, 'address'>;
}

/** The reference that a stored marker stands for, and undefined for any other value. */
export function readReference(value: object): StoredReference | undefined {
  if (!(REFERENCE_MARKER in value)) return undefined;
  const { id, address, generation } = value as Partial<StoredReference>;
  if (typeof id !== 'string' || typeof address !== 'string') return undefined;
  return { [REFERENCE_MARKER]: 1, id, address, generation: generation ?? null };
}
