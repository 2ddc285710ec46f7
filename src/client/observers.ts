// Those who watch: subscribers of snapshots, listeners of domain events, inspectors. They are told after
// the commit, in its order; one that throws is logged and disturbs nobody else.

import type { EventObject } from 'xstate';
import { type ActorId, ownIdOf } from '../ids.ts';
import type { ActorState } from '../state/actor-state.ts';
import { ActorHandle } from '../step/handle.ts';
import type { Fact } from '../turn/unit-output.ts';

export interface Subscription {
  unsubscribe(): void;
}

interface InspectionBase {
  readonly rootId: string;
  readonly actorRef: ActorHandle;
  /** The actor's revision with which it happened: what a reader of its row has seen already, or not. */
  readonly revision: number;
  /** As in the journal: milliseconds since the epoch. */
  readonly at: number;
}

/** Inspection events in XState's shapes, so that Stately's inspector can be fed with them. */
export type EngineInspectionEvent = InspectionBase &
  (
    | {
        readonly type: '@xstate.actor';
        readonly machine: string;
        readonly machineVersion: string;
        readonly snapshot: ActorState['snapshot'];
      }
    | {
        readonly type: '@xstate.event';
        /** The actor that it is from; undefined for the outside, timers and effects. */
        readonly sourceRef: ActorHandle | undefined;
        readonly event: EventObject;
      }
    | {
        readonly type: '@xstate.snapshot';
        /** Of an actor that was stopped, failed or resumed: `xstate.stop`, `actor.failed`, `actor.resumed`. */
        readonly event: EventObject;
        readonly snapshot: ActorState['snapshot'];
        /** The actor's own: one that failed keeps the snapshot of its last good state. */
        readonly status: ActorState['status'];
      }
  );

type Callback<Value> = (value: Value) => void;
type Report = (what: string, error: unknown) => void;

export class Observers {
  readonly #subscribers: Map<ActorId, Set<Callback<ActorState>>> = new Map();
  readonly #listeners: Map<ActorId, Set<{ type: string; call: Callback<EventObject> }>> = new Map();
  readonly #inspectors: Set<Callback<EngineInspectionEvent>> = new Set();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Called with each committed state of one actor. */
  subscribe(actor: ActorId, callback: Callback<ActorState>): Subscription {
    return add(this.#subscribers, actor, callback);
  }

  /** Called with each domain event of one actor; type `*` stands for all. */
  listen(actor: ActorId, type: string, call: Callback<EventObject>): Subscription {
    return add(this.#listeners, actor, { type, call });
  }

  inspect(callback: Callback<EngineInspectionEvent>): Subscription {
    this.#inspectors.add(callback);
    return { unsubscribe: () => this.#inspectors.delete(callback) };
  }

  publish(fact: Fact): void {
    switch (fact.type) {
      case 'started':
        this.#inspect(() => ({
          ...subjectOf(fact.state),
          type: '@xstate.actor',
          machine: fact.state.logic.name,
          machineVersion: fact.state.logic.version,
          snapshot: fact.state.snapshot,
        }));
        this.#changed(fact.state, { type: 'xstate.init' }, fact.state.self._parent);
        return;
      case 'received':
        this.#changed(fact.state, fact.event, senderOf(fact));
        return;
      case 'ended':
        this.#inspect(() => snapshotOf(fact.state, { type: endOf(fact.state) }));
        this.#tell(this.#subscribers.get(fact.state.id), fact.state, 'A subscriber');
        return;
      case 'emitted':
        for (const { type, call } of this.#listeners.get(fact.actor) ?? []) {
          if (type === fact.event.type || type === '*') this.#call(call, fact.event, 'A listener');
        }
        return;
      case 'log':
      case 'warning':
      case 'inline':
        return;
    }
  }

  #changed(state: ActorState, event: EventObject, sourceRef: ActorHandle | undefined): void {
    this.#inspect(() => ({ ...subjectOf(state), type: '@xstate.event', sourceRef, event }));
    this.#inspect(() => snapshotOf(state, event));
    this.#tell(this.#subscribers.get(state.id), state, 'A subscriber');
  }

  #inspect(event: () => EngineInspectionEvent): void {
    if (this.#inspectors.size > 0) this.#tell(this.#inspectors, event(), 'An inspector');
  }

  #tell<Value>(callbacks: Iterable<Callback<Value>> | undefined, value: Value, who: string): void {
    for (const callback of callbacks ?? []) this.#call(callback, value, who);
  }

  #call<Value>(callback: Callback<Value>, value: Value, who: string): void {
    try {
      callback(value);
    } catch (error) {
      this.#report(`${who} threw.`, error);
    }
  }
}

function subjectOf({ root, self, revision, updatedAt }: ActorState): InspectionBase {
  return { rootId: root, actorRef: self, revision, at: updatedAt };
}

function snapshotOf(state: ActorState, event: EventObject): EngineInspectionEvent {
  const { snapshot, status } = state;
  return { ...subjectOf(state), type: '@xstate.snapshot', event, snapshot, status };
}

/** What has changed an actor's status beside its steps. */
function endOf({ status }: ActorState): string {
  if (status === 'error') return 'actor.failed';
  return status === 'active' ? 'actor.resumed' : 'xstate.stop';
}

function senderOf({
  state,
  source,
}: Fact & { readonly type: 'received' }): ActorHandle | undefined {
  if (source === null) return undefined;
  const { self } = state;
  if (source === self._parent?.address) return self._parent;
  return new ActorHandle({ id: ownIdOf(source), address: source, system: self.system });
}

function add<Value>(sets: Map<ActorId, Set<Value>>, actor: ActorId, value: Value): Subscription {
  const set = sets.get(actor) ?? new Set<Value>();
  sets.set(actor, set.add(value));
  return {
    unsubscribe: () => {
      set.delete(value);
      if (set.size === 0 && sets.get(actor) === set) sets.delete(actor);
    },
  };
}
