// The machines behind the actors: their definition for Stately's inspector and their picture for our own
// page. Each is made once, when it is first asked for.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { AnyStateMachine } from 'xstate';
import type { Chart } from '../graph/chart.ts';
import { describeChart } from '../graph/describe-chart.ts';
import { toStatelyJson } from '../graph/stately-json.ts';
import { MODULE_EXTENSION } from './page-module.ts';
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
   * Rejects with why it cannot be drawn: the optional package elkjs may not be installed.
   */
  picture(name: string, version: string): Promise<string> | null {
    const machine = this.#find(name, version);
    if (machine === null) return null;
    const known = this.#pictures.get(machine);
    if (known !== undefined) return known;
    const drawing = draw(machine);
    this.#pictures.set(machine, drawing);
    // The next one who asks may have more luck.
    drawing.catch(() => this.#pictures.delete(machine));
    return drawing;
  }
}

async function draw(machine: AnyStateMachine): Promise<string> {
  const chart = describeChart(machine);
  const whole = await drawApart(chart);
  const [style = ''] = /(?<=<style>).*?(?=<\/style>)/s.exec(whole) ?? [];
  const svg = whole.replace(/<style>.*?<\/style>\n?/s, '');
  const picture: ChartPicture = { svg, style, chart };
  return JSON.stringify(picture);
}

const PROGRAM = new URL(`./chart-drawing${MODULE_EXTENSION}`, import.meta.url);

/** The picture, drawn in a thread of its own: the engine's goes on meanwhile. */
async function drawApart(chart: Chart): Promise<string> {
  const thread = new Worker(PROGRAM, { workerData: chart });
  try {
    const [svg]: readonly unknown[] = await once(thread, 'message');
    return String(svg);
  } finally {
    await thread.terminate();
  }
}
