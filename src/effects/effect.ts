// Effects: calls to the outside, declared as XState promise logic that carries its policy. A machine
// that invokes one also runs in a plain createActor, in Stately's editor and in path tests. This file
// never runs a handler under the engine: effect-runner.ts does.

import { fromPromise, type PromiseActorLogic } from 'xstate';
import { type Addressable, effectKey } from '../address.ts';
import { type Duration, durationMs } from '../duration.ts';
import { EngineError } from '../errors.ts';
import type { ActorId } from '../ids.ts';
import { checkChoice, checkMembers, checkText, type Members, refuseOption } from '../options.ts';

/** What a handler is given. */
export interface HandlerArgs<Input> {
  /** Frozen at the moment the effect was started; the same in every attempt and after a restart. */
  readonly input: Input;
  /** The same in every attempt, retry, restart and host: hand it to the service as idempotency key. */
  readonly key: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborted by the attempt's timeout, by the state's exit and at the end of a shutdown's drain. */
  readonly signal: AbortSignal;
  readonly actorId: ActorId;
}

/** Runs one attempt. Throw {@link Rejected} for a definite no; anything else thrown is retried. */
export type Handler<Input, Output> = (args: HandlerArgs<Input>) => Promise<Output>;

/**
 * What became of an earlier attempt: `absent` only if it did not happen and never can under this key.
 */
export type Reconciled<Output> = 'absent' | 'unknown' | { readonly done: Output };

/** Asked before a retry whenever an earlier attempt may have happened. */
export type Reconcile<Input, Output> = (
  args: Pick<HandlerArgs<Input>, 'input' | 'key' | 'signal' | 'actorId'>,
) => Promise<Reconciled<Output>>;

export interface HandlerWithReconcile<Input, Output> {
  readonly run: Handler<Input, Output>;
  readonly reconcile?: Reconcile<Input, Output>;
}

/** What the engine's `handlers` option holds for one effect. */
export type EffectHandler<Input, Output> =
  | Handler<Input, Output>
  | HandlerWithReconcile<Input, Output>;

/** Any effect's handler: its own input type stands between it and its machine. */
export type AnyHandler = EffectHandler<never, unknown>;

/** The code of effects, by the name under which machines invoke them. */
export type Handlers = Readonly<Record<string, AnyHandler>>;

export interface RetryOptions {
  /** All attempts, the first included. 1 to 1,000. */
  readonly attempts: number;
  readonly backoff?: 'constant' | 'exponential';
  /** Before the second attempt. Default 200 ms. */
  readonly initial?: Duration;
  /** Cap of one delay. Default 30 s. */
  readonly max?: Duration;
  /** Full jitter: each delay is uniform between half of it and itself. Default true. */
  readonly jitter?: boolean;
}

export interface EffectOptions<Input> {
  /** The name of its handler, where a saga's step uses it. Default: the step's. */
  readonly name?: string;
  /** Of one attempt. Default 30 s. */
  readonly timeout?: Duration;
  /** Default: one attempt. */
  readonly retry?: RetryOptions;
  /** Attempts of this effect at one time in this engine. Default: no limit but the engine's. */
  readonly concurrency?: number;
  /** Starts of this effect in a sliding window. Default: no limit. */
  readonly rate?: { readonly limit: number; readonly per: Duration };
  /**
   * A key of its own, for work that must keep its key across states; the actor's id is put before
   * it. Default: the actor's id, the revision that started the effect and the effect's id.
   */
  readonly key?: (args: { readonly input: Input }) => string;
}

/** An effect's policy with every default filled in; durations in milliseconds. */
export interface EffectPolicy {
  readonly name: string | null;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly backoff: 'constant' | 'exponential';
  readonly initialMs: number;
  readonly maxMs: number;
  readonly jitter: boolean;
  readonly concurrency: number;
  readonly rate: { readonly limit: number; readonly perMs: number } | null;
  readonly key: ((args: { readonly input: never }) => string) | null;
}

const POLICY: unique symbol = Symbol('sagawright.effect');
const RUN: unique symbol = Symbol('sagawright.handler');

/** Promise logic that carries an effect's policy. Name it in `setup({ actors })`, then invoke it. */
export type EffectLogic<Input, Output> = PromiseActorLogic<Output, Input> & {
  readonly [POLICY]: EffectPolicy;
  readonly [RUN]: EffectHandler<Input, Output> | null;
};

/** The handler type of an effect: `const charge: HandlerOf<typeof chargeCard> = async ...`. */
export type HandlerOf<Logic> =
  Logic extends EffectLogic<infer Input, infer Output> ? EffectHandler<Input, Output> : never;

const EFFECT_OPTIONS: Members<EffectOptions<never>> = {
  name: true,
  timeout: true,
  retry: true,
  concurrency: true,
  rate: true,
  key: true,
};
const RETRY_OPTIONS: Members<RetryOptions> = {
  attempts: true,
  backoff: true,
  initial: true,
  max: true,
  jitter: true,
};
const RATE_OPTIONS: Members<NonNullable<EffectOptions<never>['rate']>> = { limit: true, per: true };

/** The policy of a plain `fromPromise`: one attempt. */
export const SINGLE_ATTEMPT: EffectPolicy = createPolicy({});

/**
 * Declares an effect: what it takes and gives, how long an attempt may take and how often it is
 * tried. The handler is given to the engine by name, here, or by `machine.provide`.
 *
 * An effect runs at least once, under one key; its outcome is recorded once. It is never exactly once:
 * the service behind it must treat the key as an idempotency key.
 * @throws EngineError `BAD_OPTION`, `BAD_DURATION`
 */
export function effect<Input, Output>(
  options: EffectOptions<Input> = {},
  handler: EffectHandler<Input, Output> | null = null,
): EffectLogic<Input, Output> {
  if (handler !== null) checkHandler(handler, "effect's handler");
  const logic = fromPromise<Output, Input>(({ input, signal, self }) =>
    runPlainly(handler, input, signal, self._parent ?? self),
  );
  return Object.assign(logic, { [POLICY]: createPolicy(options), [RUN]: handler });
}

/** An effect's input together with the key that it is to run under. Made by {@link keyed}. */
export class KeyedInput {
  readonly key: string;
  readonly input: unknown;

  constructor(key: string, input: unknown) {
    this.key = key;
    this.input = input;
  }
}

/**
 * An effect's input with a key of its own, for work that must keep its key across states where the input
 * alone does not tell: `input: ({ context }) => keyed(`payment/${context.epoch}`, charge)`. The actor's
 * address is put before the key; the handler gets the input as it is. Two effects of an actor under one
 * key run once. For effects only: other logic would get the wrapped value.
 * @param key 1 to 200 characters
 */
export function keyed<Input>(key: string, input: Input): Input {
  // The engine, and effects in a plain createActor, take it apart again: for the machine it is its input.
  return new KeyedInput(key, input) as Input;
}

/** Outside the engine there is one attempt, as XState would run it; a key, if the input brings one. */
function runPlainly<Input, Output>(
  handler: EffectHandler<Input, Output> | null,
  input: Input,
  signal: AbortSignal,
  actor: Addressable,
): Promise<Output> {
  if (handler === null) {
    const message =
      'This effect has no handler here. Give the engine one in `handlers`, or the machine one by `machine.provide({ actors })`.';
    return Promise.reject(new EngineError('BAD_OPTION', message));
  }
  const run = typeof handler === 'function' ? handler : handler.run;
  const call = { attempt: 1, signal, actorId: 'plain' as ActorId };
  if (!(input instanceof KeyedInput)) return run({ ...call, input, key: 'plain' });
  return run({ ...call, input: input.input as Input, key: effectKey(actor, input.key) });
}

/** Whether a value can be an effect's code. @throws EngineError `BAD_OPTION` */
export function checkHandler(handler: unknown, option: string): void {
  if (typeof handler === 'function') return;
  const { run, reconcile }: { readonly run?: unknown; readonly reconcile?: unknown } =
    typeof handler === 'object' && handler !== null ? handler : {};
  if (typeof run !== 'function') refuseOption(option, 'a function or { run, reconcile }', handler);
  if (reconcile !== undefined && typeof reconcile !== 'function') {
    refuseOption(`${option}.reconcile`, 'a function', reconcile);
  }
}

function createPolicy<Input>(options: EffectOptions<Input>): EffectPolicy {
  checkEffectOptions(options);
  const { retry } = options;
  return {
    name: options.name ?? null,
    timeoutMs: durationMs(options.timeout ?? 30_000, 'effect timeout'),
    attempts: bounded(retry === undefined ? 1 : retry.attempts, 'retry.attempts', 1_000),
    backoff: retry?.backoff ?? 'exponential',
    initialMs: durationMs(retry?.initial ?? 200, 'retry.initial'),
    maxMs: durationMs(retry?.max ?? 30_000, 'retry.max'),
    jitter: retry?.jitter ?? true,
    concurrency:
      options.concurrency === undefined
        ? Number.POSITIVE_INFINITY
        : bounded(options.concurrency, 'concurrency', 1_000_000),
    rate: options.rate
      ? {
          limit: bounded(options.rate.limit, 'rate.limit', 1_000_000),
          perMs: durationMs(options.rate.per, 'rate.per'),
        }
      : null,
    key: options.key ?? null,
  };
}

function checkEffectOptions<Input>(options: EffectOptions<Input>): void {
  checkMembers(options, 'the options of effect', EFFECT_OPTIONS);
  const { name, retry, rate, key } = options;
  checkText(name, 'name');
  if (retry !== undefined) {
    checkMembers(retry, 'retry', RETRY_OPTIONS);
    checkChoice(retry.backoff, 'retry.backoff', ['constant', 'exponential']);
    checkChoice(retry.jitter, 'retry.jitter', [true, false]);
  }
  if (rate !== undefined) checkMembers(rate, 'rate', RATE_OPTIONS);
  if (key !== undefined && typeof key !== 'function') refuseOption('key', 'a function', key);
}

function bounded(value: number, what: string, max: number): number {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    const message = `Expected ${what} as an integer from 1 to ${max}, got ${String(value)}.`;
    throw new EngineError('BAD_OPTION', message, { details: { what } });
  }
  return value;
}

/** The policy and handler that a piece of promise logic carries; null for a plain `fromPromise`. */
export function effectOf(
  logic: object,
): { readonly policy: EffectPolicy; readonly handler: AnyHandler | null } | null {
  if (!(POLICY in logic) || !(RUN in logic)) return null;
  const { [POLICY]: policy, [RUN]: handler } = logic as EffectLogic<never, unknown>;
  return { policy, handler };
}

/**
 * A definite no: the call did nothing and never will under this key. Not retried; the machine gets it
 * as error event with `outcome: 'rejected'`, unless an earlier attempt may have happened.
 */
export class Rejected extends Error {
  override readonly name: string = 'Rejected';
  readonly code: string;
  /** What an `EffectError` says of it, also where no engine makes one. */
  readonly outcome: EffectError['outcome'] = 'rejected';
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    options: {
      readonly message?: string;
      readonly details?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(options.message ?? code);
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** How an effect ended badly, as its machine sees it in `event.error`. */
export interface EffectError {
  readonly name: string;
  readonly message: string;
  /**
   * With outcome `rejected`: the {@link Rejected}'s code; `NO_HANDLER` when the effect has no code; for an
   * `ask`, why the other did not take the event: `REFUSED`, `ACTOR_NOT_FOUND`, `ACTOR_PARKED`,
   * `ACTOR_STOPPED` or `STEP_FAILED`. With outcome `unknown`: `TIMEOUT`, `INTERRUPTED`, `FAILED`, or the
   * `code` that the thrown error carries.
   */
  readonly code: string;
  /** `rejected`: it definitely did nothing. `unknown`: it may have happened. */
  readonly outcome: 'rejected' | 'unknown';
  readonly attempts: number;
  /** The idempotency key it ran under. */
  readonly key: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Reads an error event's error; anything that is not an effect's is an unknown outcome. */
export function effectError(error: unknown): EffectError {
  const fields: Partial<EffectError> = typeof error === 'object' && error !== null ? error : {};
  return {
    name: fields.name ?? 'Error',
    message: fields.message ?? String(error),
    code: fields.code ?? 'FAILED',
    outcome: fields.outcome === 'rejected' ? 'rejected' : 'unknown',
    attempts: fields.attempts ?? 1,
    key: fields.key ?? '',
    details: fields.details ?? {},
  };
}
