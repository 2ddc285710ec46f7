// What a step asks its host to do, in words of its own: between XState's recorded actions, the engine's
// instructions, and the lines of text that are compared. Written from XState's behaviour, not from the
// engine's code.

import { isReference, type Names } from './observation.ts';

/** `to` is `self`, `parent`, or a child's id; ids are as they were generated. */
export type Ask =
  | {
      readonly type: 'start';
      readonly id: string;
      readonly src: string;
      readonly input: unknown;
      readonly systemId?: string | undefined;
      readonly sync?: boolean | undefined;
    }
  | { readonly type: 'stop'; readonly id: string }
  | { readonly type: 'send'; readonly to: string; readonly event: unknown }
  | {
      readonly type: 'timer';
      /** Null: nobody can cancel it. */
      readonly id: string | null;
      readonly delayMs: number;
      readonly to: string;
      readonly event: unknown;
      /** The engine's own name for it. */
      readonly engineId?: string;
    }
  | { readonly type: 'cancel'; readonly id: string }
  | { readonly type: 'emit'; readonly event: unknown }
  | { readonly type: 'log'; readonly label: string | null; readonly value: unknown }
  | { readonly type: 'action'; readonly name: string; readonly params: unknown };

export function describeAsk(ask: Ask, names: Names): string {
  switch (ask.type) {
    case 'start': {
      const { id, src, input, systemId, sync } = ask;
      const extra = { ...(systemId !== undefined && { systemId }), ...(sync === true && { sync }) };
      return names.line(`start ${names.id(id)} ${src}`, input, extra);
    }
    case 'stop':
      return `stop ${names.id(ask.id)}`;
    case 'send':
      return names.line(`send ${names.id(ask.to)}`, ask.event);
    case 'timer':
      return names.line(`timer ${ask.id ?? '-'} ${ask.delayMs} ${names.id(ask.to)}`, ask.event);
    case 'cancel':
      return `cancel ${ask.id}`;
    case 'emit':
      return names.line('emit', ask.event);
    case 'log':
      return names.line(`log ${ask.label ?? '-'}`, ask.value);
    case 'action':
      return names.line(`action ${ask.name}`, ask.params);
  }
}

/** An action as `transition()` returns it or as a live actor's inspection reports it. */
export interface Recorded {
  readonly type: string;
  readonly params: unknown;
}

/** A child as XState has made it. */
interface Child {
  readonly id: string;
  readonly src: unknown;
  readonly systemId?: string;
  readonly _syncSnapshot?: boolean;
  readonly options: { readonly input?: unknown };
}

export function isChild(value: unknown): value is Child {
  return isReference(value) && 'src' in value && 'options' in value;
}

function startOf({ id, src, systemId, _syncSnapshot: sync, options }: Child): Ask {
  return { type: 'start', id, src: String(src), input: options.input, systemId, sync };
}

/** Children that no action tells of: those that `spawn` inside an assign has made. */
export function spawnedApart(
  children: Readonly<Record<string, unknown>>,
  actions: readonly Recorded[],
  known: ReadonlySet<unknown>,
): Ask[] {
  const told = new Set(actions.map(({ params }) => ((params ?? {}) as Params).actorRef));
  const made = Object.values(children).filter((child) => !known.has(child) && !told.has(child));
  return made.filter(isChild).map(startOf);
}

/**
 * What the actions of one macrostep ask for. A child that the macrostep made and stopped again was
 * never there: it is not started, not stopped, and nothing is sent to it.
 * @param known the references of the children that were there before
 */
export function asksOf(
  actions: readonly Recorded[],
  known: ReadonlySet<unknown>,
  names: Names,
): Ask[] {
  const stopped = actions.filter(({ type }) => type === 'xstate.stopChild');
  const unborn = new Set(stopped.map(({ params }) => params).filter((child) => !known.has(child)));
  return actions.flatMap((action) => askOf(action, unborn, names));
}

interface Params {
  readonly actorRef?: unknown;
  readonly to?: unknown;
  readonly event?: unknown;
  readonly delay?: number;
  readonly id?: string;
  readonly sendId?: unknown;
  readonly label?: string;
  readonly value?: unknown;
}

function askOf(action: Recorded, unborn: ReadonlySet<unknown>, names: Names): Ask[] {
  const {
    actorRef,
    to,
    event,
    delay,
    id = null,
    sendId,
    label,
    value,
  } = (action.params ?? {}) as Params;
  switch (action.type) {
    case 'xstate.spawnChild':
      return isChild(actorRef) && !unborn.has(actorRef) ? [startOf(actorRef)] : [];
    case 'xstate.stopChild': {
      const child = action.params;
      return isChild(child) && !unborn.has(child) ? [{ type: 'stop', id: child.id }] : [];
    }
    case 'xstate.sendTo': {
      if (!isReference(to) || unborn.has(to)) return [];
      const target = names.target(to);
      return delay === undefined
        ? [{ type: 'send', to: target, event }]
        : [{ type: 'timer', id, delayMs: delay, to: target, event }];
    }
    case 'xstate.raise':
      return delay === undefined ? [] : [{ type: 'timer', id, delayMs: delay, to: 'self', event }];
    case 'xstate.cancel':
      return [{ type: 'cancel', id: String(sendId) }];
    case 'xstate.emit':
      return [{ type: 'emit', event }];
    case 'xstate.log':
      return [{ type: 'log', label: label ?? null, value }];
    default:
      return [{ type: 'action', name: action.type, params: action.params }];
  }
}
