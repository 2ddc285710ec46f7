// XState's own pure functions over the engine's journal: each message that the root has received goes
// through `transition`, and has to lead where the engine went. Starts nothing and sends nothing.

import type { HistoryEntry } from 'sagawright';
import {
  type AnyActorRef,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  initialTransition,
  transition,
} from 'xstate';
import { livePath } from './calls.ts';
import type { Case } from './case.ts';
import { Naming } from './naming.ts';

/** What is compared of the root after each message. */
export interface Folded {
  readonly value: unknown;
  readonly emitted: readonly unknown[];
}

export class PureHost {
  readonly #naming: Naming = new Naming((ref) => livePath(ref as AnyActorRef));
  readonly #machine: AnyStateMachine;
  readonly #input: unknown;
  #snapshot: AnyMachineSnapshot | null = null;

  constructor({ machine, input }: Case) {
    this.#machine = machine;
    this.#input = input;
  }

  /** The next entry of the root's journal, a start or a message received. */
  take({ kind, data }: HistoryEntry): Folded {
    const [snapshot, actions] =
      this.#snapshot === null || kind === 'started'
        ? initialTransition(this.#machine, structuredClone(this.#input))
        : transition(this.#machine, this.#snapshot, this.#revived(data) as AnyEventObject);
    this.#snapshot = snapshot;
    return { value: snapshot.value, emitted: actions.flatMap((action) => this.#emitted(action)) };
  }

  /** What the root is now. */
  get end(): { readonly status: string; readonly context: unknown; readonly output: unknown } {
    const { status = 'none', context, output } = this.#snapshot ?? {};
    return { status, context: this.#naming.plain(context), output: this.#naming.plain(output) };
  }

  #emitted({ type, params }: { type: string; params: unknown }): readonly unknown[] {
    if (type !== 'xstate.emit') return [];
    return [(params as { readonly event: unknown }).event];
  }

  /** A value as it is compared. */
  plain(value: unknown): unknown {
    return this.#naming.plain(value);
  }

  /** Events name the actors that they carry: those of this run stand in their place. */
  #revived(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((element) => this.#revived(element));
    if ('xstate$$type' in value && 'id' in value)
      return this.#snapshot?.children[String(value.id)] ?? value;
    const members = Object.entries(value).map(([name, member]) => [name, this.#revived(member)]);
    return Object.fromEntries(members);
  }
}
