// What a registered machine is made of, once its children have been classified: the engine runs
// effects, hosts child actors and answers asks; it never runs XState's own child logic.

import type { AnyStateMachine } from 'xstate';
import type { AnyHandler, EffectPolicy } from '../effects/effect.ts';
import type { AskRequest } from './ask.ts';
import type { ActorHandle } from './handle.ts';

/** XState's promise creator, as a plain `fromPromise` keeps it. */
export type PromiseCreator = (args: {
  readonly input: unknown;
  readonly self: ActorHandle;
  readonly system: object;
  readonly signal: AbortSignal;
  readonly emit: (event: unknown) => void;
}) => PromiseLike<unknown>;

/** `fromTransition` logic: a reducer with state. */
export interface TransitionLogic {
  transition(snapshot: object, event: object, scope: object): object;
  getInitialSnapshot(scope: object, input: unknown): object;
}

/** What stands behind the name of an invoked or spawned child. */
export type ChildSource =
  | {
      readonly kind: 'effect';
      readonly policy: EffectPolicy;
      readonly handler: AnyHandler | null;
      readonly creator: PromiseCreator | null;
    }
  | { readonly kind: 'ask'; readonly request: (input: never) => AskRequest }
  | { readonly kind: 'actor'; readonly logic: HostedLogic };

interface HostedBase {
  /** The machine's id, or the parent's name, a slash and the source's name for a child of its own. */
  readonly name: string;
  readonly version: string;
  /** By source name, inline invokes included (`xstate.invoke.<n>.<state id>`). */
  readonly sources: ReadonlyMap<string, ChildSource>;
}

/** Stands in for logic that is not needed any more: its actor has ended, and takes no step. */
export function endedLogic(name: string, version: string): HostedLogic {
  const refuse = (): never => {
    throw new Error(`An actor of "${name}" version ${version} that has ended was to take a step.`);
  };
  const transition = { transition: refuse, getInitialSnapshot: refuse };
  return { kind: 'transition', name, version, sources: new Map(), transition };
}

/** Machine or transition logic that the engine hosts as a durable actor. */
export type HostedLogic =
  | (HostedBase & {
      readonly kind: 'machine';
      /** Its children replaced by inert stand-ins, its iterations bounded. */
      readonly machine: AnyStateMachine;
    })
  | (HostedBase & { readonly kind: 'transition'; readonly transition: TransitionLogic });
