// When two situations of a saga count as the same one for its check: contexts are compared by a text in
// which what only counts is cut short. That keeps the graph finite; each cut says why it hides nothing.
// Pure.

/** A context as text, and the texts in it. */
export interface Projection {
  readonly text: string;
  readonly strings: ReadonlySet<string>;
}

/**
 * The cuts, and what they take for granted:
 * - Epochs and undo counts, numbers behind a slash in a text (`payment/3`) and the same numbers beside that
 *   text in its object, count as 0 or 1. They exist to make keys, keys are only compared for equality, and
 *   whether the key of a late outcome is one that the context holds is kept beside this text.
 * - Other numbers beyond `bound` count as `bound`. Two contexts that differ only there behave alike as long
 *   as no guard compares a number with one above `bound`; a chart that counts further needs a higher one.
 * - Elements of arrays that are equal after these cuts are kept twice at most, in their first places: lists
 *   of failures grow with every retry, and charts ask whether, not how often, something is in them.
 */
export function project(value: unknown, bound: number): Projection {
  const strings = new Set<string>();
  const seen = new Set<object>();
  const visit = (part: unknown): string => {
    if (typeof part === 'string') {
      strings.add(part);
      return JSON.stringify(cutText(part));
    }
    if (typeof part === 'number') return String(cutNumber(part, bound));
    if (typeof part === 'function') return 'function';
    if (typeof part !== 'object' || part === null) return String(part);
    if ('_parent' in part && 'id' in part) return `ref ${String(part.id)}`;
    // A value that holds itself says nothing new the second time.
    if (seen.has(part)) return 'cycle';
    seen.add(part);
    const text = Array.isArray(part) ? list(part.map(visit)) : members(part, visit);
    seen.delete(part);
    return text;
  };
  return { text: visit(value), strings };
}

function members(part: object, visit: (value: unknown) => string): string {
  if (part instanceof Map || part instanceof Set) return `{${[...part].map(visit).join()}}`;
  if (part instanceof Date) return String(part.getTime());
  const { key }: { readonly key?: unknown } = part;
  const counts = new Set(typeof key === 'string' ? countsIn(key) : []);
  const entries = Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = entries.map(([name, value]) => {
    const isCount = typeof value === 'number' && counts.has(value);
    return `${name}:${isCount ? cutNumber(value, 1) : visit(value)}`;
  });
  return `{${texts.join()}}`;
}

function list(elements: readonly string[]): string {
  const times = new Map<string, number>();
  const kept = elements.filter((element) => {
    const count = (times.get(element) ?? 0) + 1;
    times.set(element, count);
    return count <= 2;
  });
  return `[${kept.join()}]`;
}

function cutNumber(value: number, bound: number): number {
  return Math.max(-bound, Math.min(bound, value));
}

/** `order:payment/7` as `order:payment/1`; the `@7:` of a key without name counts the saga's events. */
export function cutText(text: string): string {
  return text
    .replace(COUNT, (_, digits: string) => `/${cutNumber(Number(digits), 1)}`)
    .replace(/@\d+:/g, '@n:');
}

const COUNT = /\/(\d+)/g;

function countsIn(key: string): readonly number[] {
  return [...key.matchAll(COUNT)].map(([, digits]) => Number(digits));
}
