// Names that are the same for every host: references by their path below the root, generated ids by
// number, errors by their message, values as JSON would give them back. Knows no host.

/** What is looked at of XState's references, of the engine's handles and of what it stores for them. */
interface Reference {
  readonly id: string;
  readonly address?: string;
  readonly _parent?: Reference | undefined;
}

function isReference(value: object): value is Reference {
  return 'id' in value && ('sessionId' in value || 'xstate$$type' in value || 'address' in value);
}

export class Naming {
  readonly #generated: Map<string, string> = new Map();
  readonly #pathOf: (reference: Reference) => string;

  /** @param pathOf where an actor is below its root, by ids with slashes between */
  constructor(pathOf: (reference: Reference) => string) {
    this.#pathOf = pathOf;
  }

  /** A path with generated ids numbered as they turn up. */
  path(path: string): string {
    return path
      .split('/')
      .map((id) => this.#id(id))
      .join('/');
  }

  #id(id: string): string {
    if (!/^x:\d/.test(id)) return id;
    const known = this.#generated.get(id) ?? `generated-${this.#generated.size}`;
    this.#generated.set(id, known);
    return known;
  }

  plain(value: unknown): unknown {
    if (value === undefined) return undefined;
    const text = JSON.stringify(this.#named(value));
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** An event; of a child's snapshot only what every host can know. */
  event(event: { readonly type: string }): unknown {
    const { type } = event;
    const generated = /^(xstate\.[a-z.]+\.)(x:.*)$/.exec(type);
    const named = generated === null ? type : `${generated[1]}${this.#id(generated[2] ?? '')}`;
    if (type.startsWith('xstate.snapshot.') && 'snapshot' in event) {
      const { status, value, context } = event.snapshot as Record<string, unknown>;
      return this.plain({ type: named, status, value, context });
    }
    const { actorId: _, ...rest } = event as { readonly actorId?: string };
    return this.plain({ ...rest, type: named });
  }

  line(what: string, ...rest: readonly unknown[]): string {
    return [what, ...rest.map((each) => JSON.stringify(this.plain(each)) ?? '-')].join(' ');
  }

  #named(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((element) => this.#named(element));
    if (isReference(value)) return `@${this.path(this.#pathOf(value))}`;
    if (value instanceof Error) return { error: value.message };
    if ('name' in value && 'message' in value) return { error: value.message };
    const members = Object.entries(value).map(([name, member]) => [name, this.#named(member)]);
    return Object.fromEntries(members);
  }
}
