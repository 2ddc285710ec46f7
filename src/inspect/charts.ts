// The machines behind the actors: their definition for Stately's inspector and their picture for our own
// page. Each is made once, when it is first asked for.

import type { AnyStateMachine } from 'xstate';
import { describeChart } from '../graph/describe-chart.ts';
import { toStatelyJson } from '../graph/stately-json.ts';
import { toSvg } from '../graph/svg.ts';
import type { ChartPicture } from './protocol.ts';

type FindMachine = (name: string, version: string) => AnyStateMachine | null;

export class Charts {
  readonly #find: FindMachine;
  // As many as the engine has machines: what it does not have is not kept.
  readonly #definitions: Map<AnyStateMachine, string> = new Map();
  readonly #pictures: Map<AnyStateMachine, Promise<string>> = new Map();

  constructor(find: FindMachine) {
    this.#find = find;
  }

  /** JSON of the configuration; of one with nothing but an id where there is no statechart. */
  definition(name: string, version: string): string {
    const machine = this.#find(name, version);
    if (machine === null) return JSON.stringify({ id: name });
    const known = this.#definitions.get(machine) ?? JSON.stringify(toStatelyJson(machine));
    this.#definitions.set(machine, known);
    return known;
  }

  /**
   * JSON of a `ChartPicture`; null where there is no statechart.
   * @throws EngineError `BAD_OPTION` when the optional package elkjs is not installed
   */
  picture(name: string, version: string): Promise<string> | null {
    const machine = this.#find(name, version);
    if (machine === null) return null;
    const known = this.#pictures.get(machine) ?? draw(machine);
    this.#pictures.set(machine, known);
    return known;
  }
}

async function draw(machine: AnyStateMachine): Promise<string> {
  const chart = describeChart(machine);
  const whole = await toSvg(chart, { legend: false, named: true });
  const [style = ''] = /(?<=<style>).*?(?=<\/style>)/s.exec(whole) ?? [];
  const svg = whole.replace(/<style>.*?<\/style>\n?/s, '');
  const picture: ChartPicture = { svg, style, chart };
  return JSON.stringify(picture);
}
