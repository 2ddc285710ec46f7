// What can happen next to a saga, in words of its domain: calls end, timers fall due, people speak, stopped
// calls are heard of. Each kind of outcome that the engine knows is one move. Pure.

import type { AnyMachineSnapshot, EventObject } from 'xstate';
import { type EffectError, effectError } from '../effects/effect.ts';
import { isDelayId } from '../step/chart.ts';
import { isReservedType } from '../turn/message.ts';
import { type SagaEnd, stateName } from './saga-check-marks.ts';
import type { CallEnd } from './saga-check-monitor.ts';
import type { Call, LateCall, SagaWorld, Situation } from './saga-check-world.ts';

/** Values that stand for all that calls may bring and people may say. */
export interface Samples {
  /** Outputs by the name of the logic; each is tried. Default: one null. */
  readonly outputs: Readonly<Record<string, readonly unknown[]>>;
  /** Errors by the name of the logic, tried besides a plain rejection and a plain unknown end. */
  readonly errors: Readonly<Record<string, readonly Partial<EffectError>[]>>;
  /** Events from outside; one of each type that has none here is made up. */
  readonly events: readonly EventObject[];
}

export interface Move {
  /** In words: `payment is done`. */
  readonly words: string;
  readonly event: EventObject;
  readonly kind: 'call' | 'timer' | 'outside' | 'late';
  /** The call that has ended. */
  readonly call: Call | null;
  readonly how: CallEnd | null;
  /** The timer that has fired. */
  readonly timer: string | null;
}

export function movesOf(world: SagaWorld, situation: Situation, samples: Samples): readonly Move[] {
  if (situation.snapshot.status !== 'active') return [];
  return [
    ...situation.calls.flatMap((call) => endings(call, samples)),
    ...[...situation.timers].map(([id, event]) => timer(id, event)),
    ...outside(world, situation, samples),
    ...(world.hearsLate(situation)
      ? situation.late.flatMap((late) => lateNews(late, situation, samples))
      : []),
  ];
}

/** Every way in which a call that is under way can end. */
function endings(call: Call, samples: Samples): readonly Move[] {
  const name = nameOf(call);
  const type = `xstate.done.actor.${call.id}`;
  const outputs = outputsOf(call, samples);
  const done = outputs.map(({ output, how, words }): Move => {
    const event = { type, output, actorId: call.id };
    return { words: `${name} ${words}`, event, kind: 'call', call, how, timer: null };
  });
  const failed = errorsOf(call, samples).map((error): Move => {
    const event = { type: `xstate.error.actor.${call.id}`, error, actorId: call.id };
    const { outcome: how } = error;
    return { words: `${name} ${errorWords(error)}`, event, kind: 'call', call, how, timer: null };
  });
  return [...done, ...failed];
}

interface SampleOutput {
  readonly output: unknown;
  readonly how: CallEnd;
  readonly words: string;
}

function outputsOf(call: Call, { outputs }: Samples): readonly SampleOutput[] {
  const given = outputs[call.src] ?? (call.kind === 'machine' ? sagaOutputs(call) : [null]);
  return given.map((output, index) => {
    const end = sagaStatus(output);
    const how = call.kind === 'machine' ? meaningOf(call, end) : 'done';
    const words = call.kind === 'machine' && end !== null ? `ends as ${end}` : 'is done';
    const which = given.length > 1 && end === null ? ` (sample ${index + 1})` : '';
    return { output, how, words: `${words}${which}` };
  });
}

/**
 * A saga below ends in one of three ways; that it does is for its own check to prove. What is left to
 * people, and settled by them, holds nothing any more.
 */
function sagaOutputs({ input }: Call): readonly unknown[] {
  const undoes = isUndoRun(input);
  const failure = { step: 'sample', code: 'SAMPLE', message: 'A step of it failed.' };
  const record = { input, steps: {}, inputs: {}, order: [] };
  const common = { results: {}, ignored: [], record };
  const resolution = { by: 'sample', why: 'sample' };
  const completed = { ...common, status: 'completed', failure: null, resolution: null };
  const compensated = {
    ...common,
    status: 'compensated',
    failure: undoes ? null : failure,
    resolution: null,
  };
  const resolved = { ...common, status: 'resolved', failure: undoes ? null : failure, resolution };
  return undoes ? [compensated, resolved] : [completed, compensated, resolved];
}

function isUndoRun(input: unknown): boolean {
  return typeof input === 'object' && input !== null && '~undoes' in input;
}

function sagaStatus(output: unknown): SagaEnd | null {
  if (typeof output !== 'object' || output === null || !('status' in output)) return null;
  const { status } = output;
  return status === 'completed' || status === 'compensated' || status === 'resolved'
    ? status
    : null;
}

/** What the end of a saga below says of the step, or the undo, that it was. */
function meaningOf({ mark, input }: Call, status: SagaEnd | null): CallEnd {
  if (status === null || status === 'completed') return 'done';
  if (mark?.role === 'compensate')
    return status === 'resolved' || isUndoRun(input) ? 'done' : 'rejected';
  return 'rejected';
}

function errorsOf(call: Call, { errors }: Samples): readonly EffectError[] {
  const { key } = call;
  const rejected = {
    name: 'Rejected',
    message: 'Refused.',
    code: 'SAMPLE',
    outcome: 'rejected',
    key,
  } as const;
  const unknown = {
    name: 'Error',
    message: 'No answer.',
    code: 'TIMEOUT',
    outcome: 'unknown',
    key,
  } as const;
  const given = (errors[call.src] ?? []).map((error) => ({ ...rejected, ...error, key }));
  // An ask is part of the commit: it is taken or refused, and never in doubt. A machine below fails by a
  // throw of its own, of which nobody knows what was done until then.
  const usual =
    call.kind === 'ask' ? [rejected] : call.kind === 'machine' ? [unknown] : [rejected, unknown];
  return [...usual, ...given].map(effectError);
}

function errorWords({ outcome, code }: EffectError): string {
  const which = code === 'SAMPLE' || code === 'TIMEOUT' ? '' : ` (${code})`;
  return outcome === 'rejected' ? `is rejected${which}` : `may have happened, nobody knows${which}`;
}

function nameOf({ mark, src, id, node }: Call): string {
  if (mark !== null) return mark.role === 'compensate' ? `the undo of ${mark.step}` : mark.step;
  const name = src.startsWith('xstate.invoke.') ? id : src;
  return node === null ? name : `${name} in ${stateName(node)}`;
}

function timer(id: string, event: EventObject): Move {
  const words = isDelayId(event.type) ? delayWords(event.type) : `${event.type} falls due`;
  return { words, event, kind: 'timer', call: null, how: null, timer: id };
}

/** `xstate.after.15000.order.stopping`: the delay, then the state with its machine. */
function delayWords(type: string): string {
  const [, , delay, ...state] = type.split('.');
  return `the delay ${delay} of ${state.slice(1).join('.') || state.join('.')} is over`;
}

/** Events from outside for which the present states have transitions. */
function outside(world: SagaWorld, { snapshot }: Situation, { events }: Samples): readonly Move[] {
  const nodes = (snapshot as AnyMachineSnapshot)._nodes;
  const descriptors = [...new Set(nodes.flatMap(({ transitions }) => [...transitions.keys()]))];
  const types = descriptors.map(String).filter((type) => type !== '' && !isOwn(world, type));
  return types.sort().flatMap((descriptor) => {
    const given = events.filter(({ type }) => isMeantBy(descriptor, type));
    const sent = given.length > 0 ? given : madeUp(descriptor);
    return sent.map((event, index): Move => {
      const which = given.length > 1 ? ` (sample ${index + 1})` : '';
      const words = `${event.type}${which}`;
      return { words, event, kind: 'outside', call: null, how: null, timer: null };
    });
  });
}

/** Events that nobody sends from outside: the engine's, and those that the saga sends to itself. */
function isOwn({ ownTypes }: SagaWorld, type: string): boolean {
  return isReservedType(type) || type.startsWith('saga.') || ownTypes.has(type);
}

function isMeantBy(descriptor: string, type: string): boolean {
  if (!descriptor.endsWith('*')) return descriptor === type;
  return type.startsWith(descriptor.slice(0, -1)) || `${type}.*` === descriptor;
}

function madeUp(descriptor: string): readonly EventObject[] {
  if (descriptor === 'RESOLVE') {
    const event = { type: 'RESOLVE', by: 'sample', why: 'sample' };
    return [event];
  }
  return [{ type: descriptor.endsWith('*') ? `${descriptor.slice(0, -1)}sample` : descriptor }];
}

/** What may still be heard of a call that is waited for no more. */
function lateNews(
  { call, wasStopped }: LateCall,
  { calls }: Situation,
  samples: Samples,
): readonly Move[] {
  const { id, src, key } = call;
  const base = { type: 'effect.late', id, src, key };
  const name = nameOf(call);
  const told = { kind: 'late', call, timer: null } as const;
  // A call under the same key takes its success for its own: that is one of its endings already.
  const isTaken = calls.some((other) => other.key === key);
  const done = isTaken
    ? []
    : outputsOf(call, samples).map(({ output, words }): Move => {
        const event = { ...base, outcome: 'done', output };
        return { ...told, words: `late: ${name} ${words} after all`, event, how: 'done' };
      });
  if (!wasStopped) return done;
  const failed = errorsOf(call, samples).map((error): Move => {
    const event = { ...base, outcome: error.outcome, error };
    const words =
      error.outcome === 'unknown'
        ? `late: nobody knows what became of ${name}`
        : `late: ${name} ${errorWords(error)} after all`;
    return { ...told, words, event, how: error.outcome };
  });
  return [...done, ...failed];
}
