// A machine's configuration as JSON, as Stately's editor imports it and as `createMachine` takes it again.
// Functions cannot be written down: actions and guards without a name become their type's name, computed
// input, params and context are left out.

import type { AnyStateMachine } from 'xstate';
import { actionName, guardName } from './chart-names.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export type JsonObject = Readonly<Record<string, JsonValue>>;

/** The machine as a plain configuration: what can be said of it without code. */
export function toStatelyJson(machine: AnyStateMachine): JsonObject {
  const { id, version } = machine;
  return { id, ...(version !== undefined && { version }), ...stateConfig(machine.config) };
}

type Config = Readonly<Record<string, unknown>>;

function isConfig(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const PLAIN = ['type', 'history', 'description', 'tags', 'meta', 'context', 'order'] as const;

function stateConfig(config: unknown): JsonObject {
  if (!isConfig(config)) return {};
  const { initial, states, on, after, always, onDone, invoke, entry, exit, target } = config;
  return members([
    ['id', plain(config['id'])],
    ...PLAIN.map((name) => [name, plain(config[name])] as const),
    ['initial', transitions(initial)],
    ['target', plain(target)],
    ['entry', actions(entry)],
    ['exit', actions(exit)],
    ['invoke', each(invoke, invokeConfig)],
    ['on', eachMember(on, transitions)],
    ['after', eachMember(after, transitions)],
    ['always', transitions(always)],
    ['onDone', transitions(onDone)],
    ['states', eachMember(states, stateConfig)],
  ]);
}

function invokeConfig(config: unknown): JsonValue | undefined {
  if (!isConfig(config)) return undefined;
  const { id, src, systemId, onDone, onError, onSnapshot } = config;
  return members([
    ['id', plain(id)],
    ['src', typeof src === 'string' ? src : 'inline'],
    ['systemId', plain(systemId)],
    ['onDone', transitions(onDone)],
    ['onError', transitions(onError)],
    ['onSnapshot', transitions(onSnapshot)],
  ]);
}

function transitions(value: unknown): JsonValue | undefined {
  return each(value, (transition) => {
    if (typeof transition === 'string') return transition;
    if (!isConfig(transition)) return undefined;
    const { target, guard, reenter, description, meta } = transition;
    return members([
      ['target', plain(target)],
      ['guard', guard === undefined ? undefined : guardConfig(guard)],
      ['reenter', plain(reenter)],
      ['actions', actions(transition['actions'])],
      ['description', plain(description)],
      ['meta', plain(meta)],
    ]);
  });
}

function guardConfig(guard: unknown): JsonValue {
  return isConfig(guard) ? typed(guard) : guardName(guard);
}

function actions(value: unknown): JsonValue | undefined {
  return each(value, (action) => (isConfig(action) ? typed(action) : actionName(action)));
}

function typed({ type, params }: Config): JsonValue {
  return members([
    ['type', String(type)],
    ['params', plain(params)],
  ]);
}

/** One or several, as it was written. */
function each(
  value: unknown,
  convert: (one: unknown) => JsonValue | undefined,
): JsonValue | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return convert(value);
  return value.flatMap((one) => convert(one) ?? []);
}

function eachMember(
  value: unknown,
  convert: (one: unknown) => JsonValue | undefined,
): JsonValue | undefined {
  if (!isConfig(value)) return undefined;
  return members(Object.entries(value).map(([key, one]) => [key, convert(one) ?? {}] as const));
}

/** A value without the parts that JSON does not know; undefined when nothing is left. */
function plain(value: unknown): JsonValue | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map((one) => plain(one) ?? null);
  if (!isConfig(value)) return undefined;
  return members(Object.entries(value).map(([key, one]) => [key, plain(one)] as const));
}

function members(entries: readonly (readonly [string, JsonValue | undefined])[]): JsonObject {
  const known = entries.flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return Object.fromEntries(known);
}
