// Those who watch: subscribers of snapshots, listeners of domain events, inspectors. They are told after
// the commit, in its order; one that throws is logged and disturbs nobody else.

import type { EventObject } from 'xstate';
import type { ActorId } from '../ids.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { ActorHandle } from '../step/handle.ts';
import type { Fact } from '../turn/unit-output.ts';

export interface Subscription {
  unsubscribe(): void;
}

/** Inspection events in XState's shapes, so that Stately's inspector can be fed with them. */
export type EngineInspectionEvent =
  | {
      readonly type: '@xstate.actor';
      readonly rootId: string;
      readonly actorRef: ActorHandle;
      readonly snapshot: ActorState['snapshot'];
    }
  | {
      readonly type: '@xstate.event';
      readonly rootId: string;
      readonly actorRef: ActorHandle;
      readonly sourceRef: ActorHandle | undefined;
      readonly event: EventObject;
    }
  | {
      readonly type: '@xstate.snapshot';
      readonly rootId: string;
      readonly actorRef: ActorHandle;
      readonly event: EventObject;
      readonly snapshot: ActorState['snapshot'];
    };

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
          type: '@xstate.actor',
          rootId: fact.state.root,
          actorRef: fact.state.self,
          snapshot: fact.state.snapshot,
        }));
        this.#changed(fact.state, { type: 'xstate.init' });
        return;
      case 'received':
        this.#changed(fact.state, fact.event);
        return;
      case 'ended':
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

  #changed(state: ActorState, event: EventObject): void {
    const common = { rootId: state.root, actorRef: state.self, event };
    const sourceRef = state.self._parent;
    this.#inspect(() => ({ ...common, type: '@xstate.event', sourceRef }));
    this.#inspect(() => ({ ...common, type: '@xstate.snapshot', snapshot: state.snapshot }));
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
