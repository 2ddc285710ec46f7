// What can be seen of a run after each command, in words that are the same for the adapter, for XState's
// pure functions and for a live actor: references by name, generated ids by number, actions as lines of
// text in their order. Knows nothing of the engine.

import type { MetaObject, StateValue } from 'xstate';

export interface Observation {
  /** Why the run is over, if it failed. */
  readonly failed: string | null;
  readonly status: string;
  readonly value: StateValue | undefined;
  readonly context: unknown;
  readonly output: unknown;
  readonly tags: readonly string[];
  readonly meta: unknown;
  /** Ids of the children it has, finished ones included. */
  readonly children: readonly string[];
  /** What the command made it ask for, in order. */
  readonly trace: readonly string[];
  /** Lines of children that were spawned inside an assign, which no recorded action tells of. */
  readonly spawned: readonly string[];
}

/** The parts of a snapshot that are compared. */
export interface Visible {
  readonly status: string;
  readonly value?: StateValue;
  readonly context: unknown;
  readonly output?: unknown;
  readonly tags?: ReadonlySet<string>;
  readonly getMeta?: () => Record<string, MetaObject | undefined>;
  readonly children?: Readonly<Record<string, unknown>>;
}

/** XState's references and the engine's handles, as far as they are looked at. */
interface Reference {
  readonly id: string;
  readonly sessionId: string;
  readonly _parent?: unknown;
}

export function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && 'sessionId' in value && 'id' in value;
}

/** What the engine stores in place of a reference. */
function isMarker(value: object): value is Pick<Reference, 'id'> {
  return 'xstate$$type' in value && 'id' in value;
}

/** Names for one run: the actor itself, its parent, its children. */
export class Names {
  readonly #generated: Map<string, string> = new Map();
  /** Whether a reference is the actor's own, or its parent's. */
  readonly #role: (reference: object) => 'self' | 'parent' | null;

  constructor(role: (reference: object) => 'self' | 'parent' | null) {
    this.#role = role;
  }

  /** A child's id; generated ones are numbered as they turn up. */
  id(id: string): string {
    if (!/^x:\d/.test(id)) return id;
    const known = this.#generated.get(id) ?? `generated-${this.#generated.size}`;
    this.#generated.set(id, known);
    return known;
  }

  /** Whom a reference stands for: `self`, `parent`, or a child's id as it was generated. */
  target(reference: Pick<Reference, 'id'>): string {
    return this.#role(reference) ?? reference.id;
  }

  /** A value as JSON would give it back, references by name. */
  plain(value: unknown): unknown {
    if (value === undefined) return undefined;
    const text = JSON.stringify(this.#named(value));
    return text === undefined ? undefined : JSON.parse(text);
  }

  line(what: string, ...rest: readonly unknown[]): string {
    return [what, ...rest.map((each) => JSON.stringify(this.plain(each)) ?? '-')].join(' ');
  }

  #named(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (isReference(value) || isMarker(value)) return `@${this.id(this.target(value))}`;
    if (Array.isArray(value)) return value.map((element) => this.#named(element));
    if (value instanceof Error) return { error: value.message };
    const members = Object.entries(value).map(([name, member]) => [name, this.#named(member)]);
    return Object.fromEntries(members);
  }
}

export function observe(
  snapshot: Visible,
  names: Names,
  trace: readonly string[],
  spawned: readonly string[],
): Observation {
  const ids = Object.values(snapshot.children ?? {}).filter(isReference);
  return {
    failed: null,
    status: snapshot.status,
    value: snapshot.value,
    context: names.plain(snapshot.context),
    output: names.plain(snapshot.output),
    tags: [...(snapshot.tags ?? [])].sort(),
    meta: names.plain(snapshot.getMeta?.()),
    children: ids.map((child) => names.id(child.id)).sort(),
    trace,
    spawned,
  };
}

/** A run that has failed shows why, and nothing else: what was recorded before is never done. */
export function failure(error: unknown): Observation {
  const message =
    typeof error === 'object' && error !== null && 'message' in error
      ? String(error.message)
      : String(error);
  return {
    failed: message,
    status: 'error',
    value: undefined,
    context: undefined,
    output: undefined,
    tags: [],
    meta: undefined,
    children: [],
    trace: [],
    spawned: [],
  };
}
