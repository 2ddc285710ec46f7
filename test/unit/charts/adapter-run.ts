// A chart driven by the engine's adapter. With `restored`, the actor is written as a store's record and
// read again after every step.

import type { EventObject } from 'xstate';
import { type ActorState, without } from '../../../src/state/actor-state.ts';
import type { Instruction, Target } from '../../../src/step/instruction.ts';
import type { StepResult } from '../../../src/step/step.ts';
import type { Ask } from './asks.ts';
import type { Chart } from './chart.ts';
import { EngineSteps } from './engine-steps.ts';
import { type Delayed, HostedRun, type Stepped } from './hosted-run.ts';
import { Names } from './observation.ts';

export class AdapterRun extends HostedRun {
  readonly #restored: boolean;
  readonly #steps: EngineSteps;

  constructor(chart: Chart, { restored }: { readonly restored: boolean }) {
    const address = chart.needs === 'parent' ? 'parent/chart' : 'chart';
    const roles = new Map<string, 'self' | 'parent'>([
      [address, 'self'],
      ['parent', 'parent'],
    ]);
    const roleOf = (reference: object): 'self' | 'parent' | null =>
      'address' in reference ? (roles.get(String(reference.address)) ?? null) : null;
    super(chart, new Names(roleOf));
    this.#restored = restored;
    this.#steps = new EngineSteps(chart.machine, address);
  }

  /** The actor as the engine would hold it now. */
  get state(): ActorState {
    return this.#steps.state;
  }

  protected override first(): Stepped {
    return this.#stepped(this.#steps.start(this.chart.input, this.nowMs));
  }

  protected override next(event: EventObject): Stepped {
    return this.#stepped(this.#steps.take(event, this.nowMs));
  }

  protected override running(): readonly string[] {
    const children = Object.values(this.state.children);
    return children.filter(({ status }) => status === 'active').map(({ id }) => id);
  }

  protected override end(id: string, event: EventObject): void {
    const entry = this.state.children[id];
    if (entry === undefined) throw new Error(`Expected a child "${id}".`);
    const ended =
      'output' in event
        ? { ...entry, status: 'done' as const, output: event.output }
        : { ...entry, status: 'error' as const };
    const children = { ...this.state.children, [id]: ended };
    this.#steps.state = { ...this.state, children, effects: without(this.state.effects, id) };
  }

  protected override fired({ engineId = '' }: Delayed): void {
    this.#steps.state = { ...this.state, timers: without(this.state.timers, engineId) };
  }

  #stepped(result: StepResult): Stepped {
    if (this.#restored) this.#steps.restore();
    const asks = result.instructions.map((instruction) => this.#askOf(instruction, result));
    return { snapshot: this.state.snapshot, asks, spawned: [] };
  }

  #askOf(instruction: Instruction, { children }: StepResult): Ask {
    switch (instruction.type) {
      case 'startChild': {
        const { systemId, sync } = children[instruction.id] ?? {};
        return { ...instruction, type: 'start', systemId, sync };
      }
      case 'stopChild':
        return { type: 'stop', id: instruction.id };
      case 'send':
        return { ...instruction, to: this.#nameOf(instruction.to) };
      case 'armTimer': {
        const { id: engineId, delayMs, event } = instruction;
        // The engine names the timers that XState leaves unnamed.
        const id = engineId.startsWith('timer:') ? null : engineId;
        const to = this.#nameOf(instruction.to);
        return { type: 'timer', id, delayMs, to, event, engineId };
      }
      case 'cancelTimer':
        return { type: 'cancel', id: instruction.id };
      case 'runAction':
        return { type: 'action', name: instruction.name, params: instruction.params };
      case 'warning':
        return { type: 'log', label: 'warning', value: instruction.message };
      case 'emit':
      case 'log':
        return instruction;
    }
  }

  #nameOf({ address }: Target): string {
    const { self, parent } = this.#steps;
    if (address === self.address) return 'self';
    if (address === parent) return 'parent';
    return address.slice(self.address.length + 1);
  }
}
