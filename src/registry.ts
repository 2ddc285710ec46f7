// The machines that an engine knows, by name and version, child machines included. Filled when the
// engine opens and never changed after.

import type { AnyStateMachine } from 'xstate';
import { hostMachine } from './classify.ts';
import type { Handlers } from './effect.ts';
import { EngineError } from './errors.ts';
import { hashJson } from './hash.ts';
import type { HostedLogic } from './logic.ts';
import type { MachineRecord } from './store.ts';

export class Registry {
  readonly #hosted: Map<string, HostedLogic> = new Map();
  /** The hosted form of each machine given to the engine. */
  readonly #machines: Map<object, HostedLogic> = new Map();

  /** @throws EngineError `MACHINE_UNSUPPORTED`, `BAD_OPTION` for two machines of one id and version */
  constructor(machines: readonly AnyStateMachine[], handlers: Handlers) {
    for (const machine of machines) {
      if (this.#machines.has(machine)) continue;
      const logic = hostMachine(machine, handlers);
      this.#machines.set(machine, logic);
      this.#add(logic);
    }
  }

  #add(logic: HostedLogic): void {
    const name = `${logic.name}@${logic.version}`;
    const known = this.#hosted.get(name);
    if (known === logic) return;
    if (known !== undefined) {
      throw new EngineError(
        'BAD_OPTION',
        `Expected one machine with id "${logic.name}" and version "${logic.version}", got two. Give each its own id, or its own version.`,
      );
    }
    this.#hosted.set(name, logic);
    for (const source of logic.sources.values())
      if (source.kind === 'actor') this.#add(source.logic);
  }

  /** @throws EngineError `MACHINE_UNKNOWN` for a machine that was not given to the engine */
  of(machine: AnyStateMachine): HostedLogic {
    const logic = this.#machines.get(machine);
    if (logic !== undefined) return logic;
    throw unknown(machine.id, machine.version ?? '1', this.names());
  }

  /** @throws EngineError `MACHINE_UNKNOWN` */
  hosted(name: string, version: string): HostedLogic {
    const logic = this.#hosted.get(`${name}@${version}`);
    if (logic !== undefined) return logic;
    throw unknown(name, version, this.names());
  }

  names(): readonly string[] {
    return [...this.#hosted.keys()];
  }

  /** Every machine as it is remembered by the store: definition and fingerprint. */
  records(now: number): readonly MachineRecord[] {
    return [...this.#hosted.values()].map((logic) => {
      const definition: unknown =
        logic.kind === 'machine' ? JSON.parse(JSON.stringify(logic.machine.definition)) : null;
      return {
        machine: logic.name,
        version: logic.version,
        fingerprint: hashJson(definition),
        definition: JSON.stringify(definition),
        registeredAt: now,
      };
    });
  }
}

function unknown(name: string, version: string, names: readonly string[]): EngineError {
  return new EngineError(
    'MACHINE_UNKNOWN',
    `Expected a machine registered with this engine, got "${name}" version ${version}. Add it to openEngine({ machines }); registered are ${names.join(', ') || 'none'}.`,
    { details: { machine: name, version } },
  );
}
