// Guards, actions and delays as people read them. What has a name is called by it; what is a function
// without one is called by what it does. Calls nothing of a machine.

import { and, not, or } from 'xstate';

/** What composed guards are known by: XState gives each kind one function. */
const CHECKS: ReadonlyMap<unknown, 'and' | 'or' | 'not'> = new Map([
  [checkOf(and([])), 'and'],
  [checkOf(or([])), 'or'],
  [checkOf(not('any')), 'not'],
]);

function checkOf(guard: unknown): unknown {
  return memberOf(guard, 'check');
}

function memberOf(value: unknown, name: string): unknown {
  const holds = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return holds ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** `a and not b`; the parts of another composition stand in parentheses. */
export function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  const operator = CHECKS.get(checkOf(guard));
  if (operator !== undefined) return composed(operator, memberOf(guard, 'guards'));
  const state = memberOf(guard, 'stateValue');
  if (state !== undefined) return `in ${typeof state === 'string' ? state : JSON.stringify(state)}`;
  return namedWithParams(guard, 'a guard');
}

function composed(operator: 'and' | 'or' | 'not', guards: unknown): string {
  const parts = Array.isArray(guards) ? guards.map(bracketed) : [];
  return operator === 'not' ? `not ${parts.join('')}` : parts.join(` ${operator} `);
}

function bracketed(guard: unknown): string {
  const name = guardName(guard);
  const operator = CHECKS.get(checkOf(guard));
  return operator === 'and' || operator === 'or' ? `(${name})` : name;
}

/** `hasFailed(step: payment)`. Params that are computed are left out. */
function namedWithParams(value: unknown, nameless: string): string {
  if (typeof value === 'function') return value.name === '' ? nameless : value.name;
  const type = memberOf(value, 'type');
  const name = typeof type === 'string' ? type : nameless;
  const params = memberOf(value, 'params');
  if (typeof params !== 'object' || params === null) return name;
  const listed = Object.entries(params).map(([key, each]) => `${key}: ${plainText(each)}`);
  return listed.length === 0 ? name : `${name}(${listed.join(', ')})`;
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'function' ? '…' : (JSON.stringify(value) ?? String(value));
}

/** XState's own actions: what they are about stands in one of their members. */
const SUBJECTS: Readonly<Record<string, string>> = {
  emit: 'event',
  raise: 'event',
  cancel: 'sendId',
  spawnChild: 'src',
  stopChild: 'actorRef',
};

/** `notePayment`, `emit order.placed`, `send done to worker`, `assign total, items`. */
export function actionName(action: unknown): string {
  if (typeof action === 'string') return action;
  const type = memberOf(action, 'type');
  if (typeof type !== 'string' || !type.startsWith('xstate.')) {
    return namedWithParams(action, 'an action');
  }
  const kind = type.slice('xstate.'.length);
  if (kind === 'assign') return assigned(memberOf(action, 'assignment'));
  if (kind === 'sendTo') return sent(action);
  const subject = SUBJECTS[kind];
  const about = subject === undefined ? null : subjectText(memberOf(action, subject));
  return about === null ? kind : `${kind} ${about}`;
}

function assigned(assignment: unknown): string {
  if (typeof assignment !== 'object' || assignment === null) return 'assign';
  return ['assign', Object.keys(assignment).join(', ')].join(' ').trim();
}

function sent(action: unknown): string {
  const to = memberOf(action, 'to');
  const name = to === '#_parent' ? 'the parent' : subjectText(to);
  const event = subjectText(memberOf(action, 'event'));
  return `send${event === null ? '' : ` ${event}`}${name === null ? '' : ` to ${name}`}`;
}

function subjectText(subject: unknown): string | null {
  if (typeof subject === 'string') return subject;
  if (typeof subject === 'function') return writtenType(subject);
  const named = typeof subject === 'object' ? memberOf(subject, 'type') : undefined;
  return typeof named === 'string' ? named : null;
}

/**
 * The event that a function makes, as its source says it: most functions make one, with a literal type,
 * and calling it would need a context. Null when it is not plain.
 */
function writtenType(subject: object): string | null {
  const types = [...String(subject).matchAll(/\btype:\s*(['"`])([\w.*-]+)\1/g)];
  const [first, ...others] = new Set(types.map(([, , type]) => type));
  return first === undefined || others.length > 0 ? null : first;
}

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** `15s`, `1h 30m`, `250ms`. */
export function delayText(delayMs: number): string {
  if (!Number.isFinite(delayMs) || delayMs < 0) return `${delayMs}ms`;
  const parts: string[] = [];
  let rest = delayMs;
  for (const [unit, ms] of UNITS) {
    const count = Math.floor(rest / ms);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * ms;
  }
  if (rest > 0 || parts.length === 0) parts.push(`${rest}ms`);
  return parts.join(' ');
}
