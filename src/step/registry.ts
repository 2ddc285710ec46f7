// The machines that an engine knows, by name and version, child machines included. Filled when the
// engine opens and never changed after.

import type { AnyStateMachine } from 'xstate';
import type { Handlers } from '../effects/effect.ts';
import { EngineError } from '../errors.ts';
import { refuseOption } from '../options.ts';
import type { MachineRecord } from '../store.ts';
import { compareVersions } from '../versions/versions.ts';
import { hostMachine, isMachine } from './classify.ts';
import { definitionOf } from './definition.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { HostedLogic } from './logic.ts';
import { type FindSeed, seedsByPrefix, VirtualMachine } from './virtual.ts';

export class Registry {
  /** What a virtual actor starts from, by its id. */
  readonly findSeed: FindSeed;
  readonly #hosted: Map<string, HostedLogic> = new Map();
  /** The hosted form of each machine given to the engine. */
  readonly #machines: Map<object, HostedLogic> = new Map();

  /**
   * @throws EngineError `MACHINE_UNSUPPORTED`, `BAD_OPTION` for two machines of one id and version, an
   * invoked effect without code or a handler that no machine uses
   * @param handlers null: no call is made, so no code is asked for
   */
  constructor(machines: readonly (AnyStateMachine | VirtualMachine)[], handlers: Handlers | null) {
    const virtuals = machines.filter((given) => given instanceof VirtualMachine);
    for (const given of machines) {
      const machine = given instanceof VirtualMachine ? given.machine : given;
      if (this.#machines.has(machine)) continue;
      const logic = hostMachine(machine, handlers);
      this.#machines.set(machine, logic);
      this.#add(logic);
    }
    if (handlers !== null) this.#checkNames(handlers);
    this.findSeed = seedsByPrefix(virtuals, (machine) => this.of(machine));
  }

  #checkNames(handlers: Handlers): void {
    const used = new Set<string>();
    for (const { sources } of this.#hosted.values()) {
      for (const [src, { kind }] of sources) if (kind === 'effect') used.add(src);
    }
    for (const name of Object.keys(handlers)) {
      if (used.has(name)) continue;
      const message = `Expected handlers by the names of effects, got "${name}", which no registered machine uses. Is it misspelt? Effects are ${[...used].join(', ') || 'none'}.`;
      throw new EngineError('BAD_OPTION', message, { details: { handler: name } });
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

  /** @throws EngineError `MACHINE_UNKNOWN` for a machine that was not given to the engine, `BAD_OPTION` */
  of(machine: AnyStateMachine | string): HostedLogic {
    if (typeof machine === 'string') return this.newest(machine);
    const logic = this.#machines.get(machine);
    if (logic !== undefined) return logic;
    if (typeof machine !== 'object' || machine === null || !isMachine(machine)) {
      return refuseOption('the machine', 'one that was given to openEngine', machine);
    }
    const { id, version = '1' } = machine;
    if (!this.#hosted.has(`${id}@${version}`)) throw unknown(id, version, this.names());
    throw new EngineError(
      'MACHINE_UNKNOWN',
      `Expected the machine "${id}" version ${version} that was given to openEngine, got another object of the same id (from provide()?). Pass the one given to openEngine.`,
      { details: { machine: id, version } },
    );
  }

  /** @throws EngineError `MACHINE_UNKNOWN` */
  hosted(name: string, version: string): HostedLogic {
    const logic = this.#hosted.get(`${name}@${version}`);
    if (logic !== undefined) return logic;
    throw this.unknown(name, version);
  }

  /** Why a machine cannot be had. */
  unknown(name: string, version: string): EngineError {
    return unknown(name, version, this.names());
  }

  /** A machine at a version, child machines included. */
  find(name: string, version: string): HostedLogic | undefined {
    return this.#hosted.get(`${name}@${version}`);
  }

  /** Whether it was given to the engine itself, in any version, and not only as a child of another. */
  isRoot(name: string): boolean {
    return [...this.#machines.values()].some((logic) => logic.name === name);
  }

  /** What new actors of a machine are. @throws EngineError `MACHINE_UNKNOWN` */
  newest(name: string): HostedLogic {
    const versions = [...this.#machines.values()].filter((logic) => logic.name === name);
    const [newest] = versions.sort((a, b) => compareVersions(b.version, a.version));
    if (newest !== undefined) return newest;
    throw unknown(name, 'of any number', this.names());
  }

  names(): readonly string[] {
    return [...this.#hosted.keys()];
  }

  /** Every machine as it is remembered by the store: definition and fingerprint. */
  records(now: number): readonly MachineRecord[] {
    return [...this.#hosted.values()].map((logic) => {
      const definition: unknown = logic.kind === 'machine' ? definitionOf(logic.machine) : null;
      return {
        machine: logic.name,
        version: logic.version,
        fingerprint: fingerprintOf(logic),
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
