// What an actor is started with, and the check of it: before it can wait in the mailbox.

import type { AnyStateMachine, InputFrom } from 'xstate';
import { type ActorId, rootActorId } from '../ids.ts';
import type { Limits } from '../limits.ts';
import { checkChoice, checkMembers, checkText, type Members } from '../options.ts';
import { checkPayload } from './intake.ts';

export type StartOptions<Machine extends AnyStateMachine> = {
  /** Without slashes: those address children. */
  readonly id: string;
  /**
   * `fail` (default): an id in use is `ACTOR_EXISTS`. `attach`: an actor that was started with the
   * same machine and input is taken as it is; `created` tells.
   */
  readonly ifExists?: 'attach' | 'fail';
  /** Carried by every journal entry that this start causes. */
  readonly correlation?: string;
} & (undefined extends InputFrom<Machine>
  ? { readonly input?: InputFrom<Machine> }
  : { readonly input: InputFrom<Machine> });

const START_OPTIONS: Members<StartOptions<AnyStateMachine>> = {
  id: true,
  ifExists: true,
  correlation: true,
  input: true,
};

/** The options of a start as the engine goes on with them. */
export interface StartOrder {
  readonly id: ActorId;
  readonly input: unknown;
  readonly ifExists: 'attach' | 'fail';
  readonly correlation: string | null;
}

/** @throws EngineError `BAD_OPTION`, `BAD_ID`, `BAD_VALUE`, `VALUE_TOO_LARGE` */
export function checkStartOptions(
  options: StartOptions<AnyStateMachine>,
  limits: Limits,
): StartOrder {
  checkMembers(options, 'the options of start', START_OPTIONS);
  checkChoice(options.ifExists, 'ifExists', ['attach', 'fail']);
  checkText(options.correlation, 'correlation');
  const { ifExists = 'fail', correlation = null } = options;
  const id = rootActorId(options.id);
  return { id, input: checkPayload(options.input, 'input', limits), ifExists, correlation };
}
