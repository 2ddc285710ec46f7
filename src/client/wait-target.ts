// What a wait waits for: a state of the actor's machine, or a question about its snapshot. A state that
// the machine does not have would be waited for in vain, and is refused. Pure.

import type { AnyStateMachine, StateValue } from 'xstate';
import { EngineError } from '../errors.ts';
import type { ActorState } from '../state/actor-state.ts';
import type { HostedLogic } from '../step/logic.ts';
import type { ActorSnapshot, StateTarget } from './snapshot-view.ts';

/** A state value, a state's name, or a question about the snapshot. */
export type WaitTarget<Machine extends AnyStateMachine> = StateTarget<Machine> | Question<Machine>;

type Question<Machine extends AnyStateMachine> = (snapshot: ActorSnapshot<Machine>) => boolean;

/** Tells the two apart, which the compiler cannot while the machine is open. */
export function isQuestion<Machine extends AnyStateMachine>(
  target: WaitTarget<Machine>,
): target is Question<Machine> {
  return typeof target === 'function';
}

type Node = AnyStateMachine['root'];

/** @throws EngineError `BAD_OPTION` for a state that the actor's machine does not have */
export function checkTarget({ id, logic, status }: ActorState, target: unknown): void {
  // What has ended may be read without its chart, and is waited for no more.
  if (logic.kind === 'transition' && status !== 'active') return;
  if (has(rootOf(logic), target)) return;
  const states = [...paths(rootOf(logic), '')].join(', ') || 'none';
  throw new EngineError(
    'BAD_OPTION',
    `Expected a state of "${logic.name}" to wait for, got ${JSON.stringify(target) ?? String(target)}. States of "${id}" are: ${states}.`,
    { details: { actor: id, machine: logic.name } },
  );
}

/** Transition logic has no states. */
function rootOf(logic: HostedLogic): Node | null {
  return logic.kind === 'machine' ? logic.machine.root : null;
}

/** As XState reads a value: a name, a path with dots, or an object of regions. */
function has(node: Node | null, target: unknown): boolean {
  if (node === null) return false;
  if (typeof target === 'string') return hasPath(node, target);
  if (typeof target !== 'object' || target === null) return false;
  return Object.entries(target as Exclude<StateValue, string>).every(([name, below]) => {
    const child = node.states[name];
    return child !== undefined && (below === undefined || has(child, below));
  });
}

function hasPath(node: Node, path: string): boolean {
  const names = path.split(/(?<!\\)\./).map((name) => name.replaceAll(/\\(.)/g, '$1'));
  let at: Node | undefined = node;
  for (const name of names) at = at?.states[name];
  return at !== undefined;
}

function* paths(node: Node | null, prefix: string): Generator<string> {
  for (const [name, child] of Object.entries<Node>(node?.states ?? {})) {
    yield `${prefix}${name}`;
    yield* paths(child, `${prefix}${name}.`);
  }
}
