// What is different between two JSON values, place by place, for people who look at one after the other.
// Lists are compared by index. Pure.

export type ChangePath = readonly (string | number)[];

export type ValueChange =
  | { readonly kind: 'added'; readonly path: ChangePath; readonly after: unknown }
  | { readonly kind: 'removed'; readonly path: ChangePath; readonly before: unknown }
  | {
      readonly kind: 'changed';
      readonly path: ChangePath;
      readonly before: unknown;
      readonly after: unknown;
    };

/**
 * The changes that make `after` of `before`, in the order of `after`, removals last and of a list from its
 * end: applied one by one, they give `after`.
 */
export function computeChanges(
  before: unknown,
  after: unknown,
  path: ChangePath = [],
): readonly ValueChange[] {
  if (Object.is(before, after)) return [];
  const isList = Array.isArray(before) && Array.isArray(after);
  if (!isList && !(isRecord(before) && isRecord(after))) {
    return [{ kind: 'changed', path, before, after }];
  }
  const [old, now] = [membersOf(before), membersOf(after)];
  const kept = [...now].flatMap(([key, value]): readonly ValueChange[] => {
    const place = [...path, key];
    if (!old.has(key)) return [{ kind: 'added', path: place, after: value }];
    return computeChanges(old.get(key), value, place);
  });
  const removed = [...old]
    .filter(([key]) => !now.has(key))
    .map(([key, value]): ValueChange => ({ kind: 'removed', path: [...path, key], before: value }));
  return [...kept, ...removed.reverse()];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(
  value: readonly unknown[] | Readonly<Record<string, unknown>>,
): ReadonlyMap<string | number, unknown> {
  return new Map<string | number, unknown>(
    Array.isArray(value) ? value.entries() : Object.entries(value),
  );
}

/** `order.lines[0].quantity`; the whole value is `(all)`. */
export function pathText(path: ChangePath): string {
  if (path.length === 0) return '(all)';
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
