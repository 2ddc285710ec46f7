// Virtual actors: they come into being at their first message instead of a start. A machine is
// registered for all ids with a prefix; a first message that is rejected leaves nothing behind.

import type { AnyStateMachine, InputFrom } from 'xstate';
import type { ActorId } from '../ids.ts';
import { checkMembers, refuseOption } from '../options.ts';
import type { HostedLogic } from './logic.ts';

export interface VirtualOptions<Machine extends AnyStateMachine> {
  /** What the ids of these actors start with, such as `stock-`. The longest prefix that fits counts. */
  readonly prefix: string;
  /** The input of the actor with this id. Pure: it may be asked again. */
  readonly input?: (id: string) => InputFrom<Machine>;
}

const noInput = (): undefined => undefined;

/** A machine whose actors start themselves. Made by {@link virtual}. */
export class VirtualMachine<Machine extends AnyStateMachine = AnyStateMachine> {
  readonly machine: Machine;
  readonly prefix: string;
  readonly input: (id: string) => unknown;

  constructor(machine: Machine, { prefix, input }: VirtualOptions<Machine>) {
    this.machine = machine;
    this.prefix = prefix;
    this.input = input ?? noInput;
  }
}

/**
 * Registers a machine whose actors come into being at their first message:
 * `machines: [order, virtual(stock, { prefix: 'stock-', input: (id) => ({ sku: id.slice(6) }) })]`.
 * @throws EngineError `BAD_OPTION`
 */
export function virtual<Machine extends AnyStateMachine>(
  machine: Machine,
  options: VirtualOptions<Machine>,
): VirtualMachine<Machine> {
  checkMembers(options, 'the options of virtual', { prefix: true, input: true });
  const { prefix, input } = options;
  if (typeof prefix !== 'string' || prefix === '' || prefix.includes('/')) {
    refuseOption('prefix', 'the start of an id, without slashes', prefix);
  }
  if (input !== undefined && typeof input !== 'function')
    refuseOption('input', 'a function', input);
  return new VirtualMachine(machine, options);
}

/** What a virtual actor starts from. */
export interface Seed {
  readonly logic: HostedLogic;
  readonly input: (id: string) => unknown;
}

/** Finds the seed of an id; null for ids that are not virtual, children among them. */
export type FindSeed = (id: ActorId) => Seed | null;

/** @throws EngineError `BAD_OPTION` for two machines under one prefix */
export function seedsByPrefix(
  machines: readonly VirtualMachine[],
  logicOf: (machine: AnyStateMachine) => HostedLogic,
): FindSeed {
  const seeds = new Map<string, Seed>();
  for (const { machine, prefix, input } of machines) {
    if (seeds.has(prefix)) refuseOption('machines', 'one virtual machine for each prefix', prefix);
    seeds.set(prefix, { logic: logicOf(machine), input });
  }
  const longestFirst = [...seeds].sort(([a], [b]) => b.length - a.length);
  return (id) => {
    if (id.includes('/')) return null;
    return longestFirst.find(([prefix]) => id.startsWith(prefix))?.[1] ?? null;
  };
}
