// The migrations given to an engine, as chains: which versions go over to which. Checked when the engine
// opens, before its store is touched; never changed after.

import { EngineError } from '../errors.ts';
import type { HostedLogic } from '../step/logic.ts';
import type { Registry } from '../step/registry.ts';
import type { ActorRecord } from '../store.ts';
import type { Migration } from './migration.ts';

/** From one version of a root's machine to the last one that there is a migration to. */
export interface MigrationChain {
  readonly machine: string;
  readonly from: string;
  readonly to: string;
  /** In order; never empty. */
  readonly steps: readonly Migration[];
  /** What actors become. */
  readonly logic: HostedLogic;
}

type Named = Pick<ActorRecord, 'machine' | 'machineVersion'>;

export class MigrationPlan {
  readonly #chains: Map<string, MigrationChain> = new Map();
  readonly #steps: Map<string, Migration> = new Map();

  /**
   * @throws EngineError `BAD_OPTION` for two migrations from one version, a circle, a machine or a target
   * that is not registered, a child's migration without its root's
   */
  constructor(migrations: readonly Migration[], registry: Registry) {
    for (const step of migrations) {
      const name = nameOf(step.machine, step.from);
      if (this.#steps.has(name)) throw bad(step, `is the second one from version ${step.from}`);
      this.#steps.set(name, step);
    }
    for (const step of migrations) {
      if (registry.isRoot(step.machine)) {
        this.#chains.set(nameOf(step.machine, step.from), this.#chainFrom(step, registry));
      }
    }
    for (const step of migrations) {
      if (registry.isRoot(step.machine) || this.#rootSteps(step).length > 0) continue;
      throw bad(
        step,
        'is of no registered machine; one of a child machine goes with the migration of its root between the same versions',
      );
    }
  }

  get chains(): readonly MigrationChain[] {
    return [...this.#chains.values()];
  }

  /** The chain for the actors of a root's machine at a version; null when they stay as they are. */
  chain({ machine, machineVersion }: Named): MigrationChain | null {
    return this.#chains.get(nameOf(machine, machineVersion)) ?? null;
  }

  /** The chains that actors of a machine go along with, child machines included. */
  chainsOver({ machine, machineVersion }: Named): readonly MigrationChain[] {
    return this.chains.filter(
      (chain) => chain.from === machineVersion && isWithin(machine, chain.machine),
    );
  }

  /** What a child's machine has to do at each step of its root's chain; null: nothing. */
  stepsBelow(machine: string, chain: MigrationChain): readonly (Migration | null)[] {
    return chain.steps.map((step) => {
      const own = this.#steps.get(nameOf(machine, step.from));
      return own?.to === step.to ? own : null;
    });
  }

  #chainFrom(first: Migration, registry: Registry): MigrationChain {
    const { machine, from } = first;
    const steps = [first];
    let last = first;
    for (;;) {
      const next = this.#steps.get(nameOf(machine, last.to));
      if (next === undefined) break;
      if (next.to === from || steps.includes(next)) throw bad(next, 'goes round in a circle');
      steps.push(next);
      last = next;
    }
    const { to } = last;
    const logic = registry.find(machine, to);
    if (logic === undefined) {
      throw bad(last, `leads to version ${to}, which is not registered: add it to machines`);
    }
    return { machine, from, to, steps, logic };
  }

  /** The steps of roots that a child's step goes with. */
  #rootSteps({ machine, from, to }: Migration): readonly Migration[] {
    const chains = this.chains.filter((chain) => isWithin(machine, chain.machine));
    return chains.flatMap(({ steps }) =>
      steps.filter((step) => step.from === from && step.to === to),
    );
  }
}

/** Whether a machine is the root's own, or one below it. */
function isWithin(machine: string, root: string): boolean {
  return machine === root || machine.startsWith(`${root}/`);
}

function nameOf(machine: string, version: string): string {
  return `${machine}@${version}`;
}

function bad({ machine, from, to }: Migration, why: string): EngineError {
  const message = `Expected migrations between registered versions, but the one of "${machine}" from version ${from} to ${to} ${why}.`;
  return new EngineError('BAD_OPTION', message, { details: { machine, from, to } });
}
