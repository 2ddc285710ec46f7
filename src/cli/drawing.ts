// A chart in the format that was asked for, and the file that it goes into. Knows formats and names of
// files; what is drawn comes from others.

import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import type { Chart } from '../graph/chart.ts';
import { toDot } from '../graph/dot.ts';
import { toMermaid } from '../graph/mermaid.ts';
import type { Overlay } from '../graph/overlay.ts';
import { toSagaSvg } from '../graph/saga-svg.ts';
import type { JsonObject } from '../graph/stately-json.ts';
import { toSvg } from '../graph/svg.ts';
import { UsageError } from './exit-code.ts';
import { jsonText } from './printable.ts';

export const FORMATS = ['mermaid', 'svg', 'steps', 'dot', 'json'] as const;
export type DrawingFormat = (typeof FORMATS)[number];

/** By the ending of a file, for calls that name no format. */
const BY_ENDING: Readonly<Record<string, DrawingFormat>> = {
  '.svg': 'svg',
  '.mmd': 'mermaid',
  '.dot': 'dot',
  '.gv': 'dot',
  '.json': 'json',
};

const ENDINGS: Readonly<Record<DrawingFormat, string>> = {
  mermaid: '.mmd',
  svg: '.svg',
  steps: '-steps.svg',
  dot: '.dot',
  json: '.json',
};

/** What can be drawn of one machine. */
export interface Drawn {
  readonly machine: string;
  readonly version: string;
  readonly chart: Chart;
  /** What the chart was described from; the picture of the steps is made of it. */
  readonly source: AnyStateMachine | JsonObject;
  /** Whether it has steps to draw. */
  readonly isSaga: boolean;
  readonly title: string;
  readonly overlay: Overlay;
  /** What stands in the boxes of the steps. */
  readonly steps: Pick<Overlay, 'states'>;
  /** What `--format json` says beside the chart. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The format that is asked for, or else the one of the file's ending; text when there is neither. */
export function formatOf(
  format: DrawingFormat | undefined,
  output: string | undefined,
): DrawingFormat {
  return format ?? BY_ENDING[extname(output ?? '')] ?? 'mermaid';
}

/**
 * @throws EngineError `BAD_OPTION` for a picture without elkjs, UsageError for steps of what is no saga
 */
export function draw(drawn: Drawn, format: DrawingFormat): Promise<string> | string {
  const { machine, version, chart, source, title, overlay, steps, facts, isSaga } = drawn;
  switch (format) {
    case 'svg':
      return toSvg(chart, { title, overlay });
    case 'steps': {
      if (isSaga) return toSagaSvg(source, { title, overlay: steps });
      throw new UsageError(
        `Expected a saga for --format steps, but no state of "${machine}" is marked by \`meta: sagaMeta(...)\`.`,
      );
    }
    case 'mermaid':
      return toMermaid(chart, overlay);
    case 'dot':
      return toDot(chart, overlay);
    case 'json':
      return `${jsonText({ machine, version, ...facts, chart }, 2)}\n`;
  }
}

/** Whether an output is a folder, there or to be made: then each machine gets a file of its own. */
export function isFolder(output: string): boolean {
  if (/[\\/]$/.test(output)) return true;
  return existsSync(output) ? statSync(output).isDirectory() : false;
}

/** The file of a machine in a folder, or the output itself. */
export function fileOf({ machine }: Drawn, format: DrawingFormat, output: string): string {
  if (!isFolder(output)) return output;
  return join(output, `${machine.replace(/[^\w.-]+/g, '-')}${ENDINGS[format]}`);
}

/** @throws UsageError when the file cannot be written */
export function writeText(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Expected to write ${file}, but: ${reason}`);
  }
}
