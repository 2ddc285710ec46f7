// Reads a machine at registration: what each of its children is, and whether the engine can host it.
// What it cannot host durably is refused here, with the name of the state, not at run time.

import { type AnyStateMachine, fromPromise } from 'xstate';
import { effectOf, type Handlers, SINGLE_ATTEMPT } from '../effects/effect.ts';
import { EngineError } from '../errors.ts';
import { askOf } from './ask.ts';
import type { ChildSource, HostedLogic, PromiseCreator, TransitionLogic } from './logic.ts';

/** Microsteps of one macrostep; XState's own default is without bound. */
export const MAX_MICROSTEPS = 10_000;

/** Never runs; its only use is that XState makes a reference of it without side effects. */
const inert = fromPromise<never>(() => new Promise<never>(() => undefined));

function refuse(machine: string, where: string, why: string): never {
  const message = `Machine "${machine}" cannot be hosted: ${where} ${why}`;
  throw new EngineError('MACHINE_UNSUPPORTED', message, { details: { machine, where } });
}

/**
 * Hosts a machine: puts inert stand-ins in the place of its children and classifies each of them.
 * @param handlers null: no effect is run, so none needs code
 * @throws EngineError `MACHINE_UNSUPPORTED`, `BAD_OPTION` for an invoked effect without code
 */
export function hostMachine(machine: AnyStateMachine, handlers: Handlers | null): HostedLogic {
  return host(machine, machine.id, machine.version ?? '1', { handlers, seen: new Map() });
}

/** What the classification of a whole tree of machines shares; `seen` ends recursion. */
interface Shared {
  readonly handlers: Handlers | null;
  readonly seen: Map<object, HostedLogic>;
}

interface Classification extends Shared {
  readonly machine: string;
  readonly version: string;
  readonly sources: Map<string, ChildSource>;
}

function host(
  machine: AnyStateMachine,
  name: string,
  version: string,
  shared: Shared,
): HostedLogic {
  for (const type of Object.keys(machine.implementations.actions)) {
    if (type.startsWith('xstate.'))
      refuse(name, `the action "${type}"`, "takes XState's own prefix.");
  }
  const nodes = [...stateNodes(machine.root)];
  const invoked = nodes.flatMap((node) => node.invoke.map((invoke) => String(invoke.src)));
  const names = new Set([...Object.keys(machine.implementations.actors), ...invoked]);
  const stubbed = machine.provide({
    actors: Object.fromEntries([...names].map((src) => [src, inert])),
  });
  const limit = stubbed.options.maxIterations ?? Number.POSITIVE_INFINITY;
  stubbed.options.maxIterations = Math.min(limit, MAX_MICROSTEPS);
  const sources = new Map<string, ChildSource>();
  const hosted: HostedLogic = { kind: 'machine', name, version, sources, machine: stubbed };
  shared.seen.set(machine, hosted);
  const context: Classification = { ...shared, machine: name, version, sources };
  for (const [src, logic] of Object.entries(machine.implementations.actors)) {
    sources.set(src, classify(logic, src, `the actor "${src}"`, context));
  }
  for (const node of nodes) addInvokes(node, machine, context);
  return hosted;
}

type Node = AnyStateMachine['root'];

function* stateNodes(node: Node): Generator<Node> {
  yield node;
  for (const child of Object.values<Node>(node.states)) yield* stateNodes(child);
}

function addInvokes(node: Node, machine: AnyStateMachine, context: Classification): void {
  node.invoke.forEach((invoke, index) => {
    const src = String(invoke.src);
    const where = `the invoke "${invoke.id}" in state "${node.id}"`;
    const known = context.sources.get(src);
    if (known !== undefined) {
      checkCode(known, src, where, context);
      return;
    }
    const inline = src.startsWith('xstate.invoke.') ? inlineLogic(node, index) : undefined;
    const logic = inline ?? machine.implementations.actors[src];
    if (logic === undefined && context.handlers !== null && context.handlers[src] === undefined) {
      refuse(
        context.machine,
        where,
        `names "${src}", which has neither logic nor a handler. Add it to setup({ actors }) or to the engine's handlers.`,
      );
    }
    const source = logic === undefined ? plainEffect(null) : classify(logic, src, where, context);
    context.sources.set(src, source);
    checkCode(source, src, where, context);
  });
}

/** An invoked effect needs code at open: without it, it would fail only when the first order comes by. */
function checkCode(
  source: ChildSource,
  src: string,
  where: string,
  { handlers, machine }: Classification,
): void {
  if (source.kind !== 'effect' || source.handler !== null || source.creator !== null) return;
  if (handlers === null || handlers[src] !== undefined) return;
  const advice = src.startsWith('xstate.invoke.')
    ? 'Give the effect its handler as second argument, or name it in setup({ actors }).'
    : `Add "${src}" to openEngine({ handlers }), or give the effect a handler of its own.`;
  const message = `Expected code for ${where} of machine "${machine}", got an effect without a handler. ${advice}`;
  throw new EngineError('BAD_OPTION', message, { details: { machine, where, effect: src } });
}

/** XState renames inline logic to `xstate.invoke.<n>.<state>`; the logic itself stays in the config. */
export function inlineLogic(node: Node, index: number): object | undefined {
  const config: unknown = node.config.invoke;
  const invoke: unknown = Array.isArray(config) ? config[index] : config;
  const src = typeof invoke === 'object' && invoke !== null && 'src' in invoke ? invoke.src : null;
  return typeof src === 'object' && src !== null ? src : undefined;
}

function classify(
  logic: unknown,
  src: string,
  where: string,
  context: Classification,
): ChildSource {
  if (typeof logic !== 'object' || logic === null) {
    return refuse(context.machine, where, 'is not actor logic.');
  }
  const request = askOf(logic);
  if (request !== null) return { kind: 'ask', request };
  const declared = effectOf(logic);
  if (declared !== null) return { kind: 'effect', ...declared, creator: null };
  if (isPromiseLogic(logic)) return plainEffect(logic.config);
  const name = `${context.machine}/${src}`;
  if (isMachine(logic)) {
    const known = context.seen.get(logic);
    return {
      kind: 'actor',
      // A child's version is its root's: a tree goes over to another version as one.
      logic: known ?? host(logic, name, context.version, context),
    };
  }
  if (isTransitionLogic(logic)) {
    const { version } = context;
    const hosted: HostedLogic = {
      kind: 'transition',
      name,
      version,
      sources: new Map(),
      transition: logic,
    };
    return { kind: 'actor', logic: hosted };
  }
  return refuse(
    context.machine,
    where,
    'uses callback or observable logic, which keeps its progress outside of snapshots and would be lost by a crash. Use an effect, or a machine.',
  );
}

function plainEffect(creator: PromiseCreator | null): ChildSource {
  return { kind: 'effect', policy: SINGLE_ATTEMPT, handler: null, creator };
}

/** Whether an object is a machine as XState makes it. */
export function isMachine(logic: object): logic is AnyStateMachine {
  return '__xstatenode' in logic;
}

/** Promise logic is known by what it does: resolving it ends it with the value. */
function isPromiseLogic(logic: object): logic is { readonly config: PromiseCreator } {
  if (!('transition' in logic) || !('config' in logic) || !('start' in logic)) return false;
  if (typeof logic.transition !== 'function' || typeof logic.config !== 'function') return false;
  if (isMachine(logic)) return false;
  const probe: unknown = {};
  try {
    const state: unknown = logic.transition(
      { status: 'active' },
      { type: 'xstate.promise.resolve', data: probe },
      {},
    );
    return (
      typeof state === 'object' && state !== null && 'output' in state && state.output === probe
    );
  } catch {
    return false;
  }
}

function isTransitionLogic(logic: object): logic is TransitionLogic {
  return 'transition' in logic && 'getInitialSnapshot' in logic && !('start' in logic);
}
