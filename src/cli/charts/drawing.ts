// A chart in the format that was asked for, and the file that it goes into. Knows formats and names of
// files; what is drawn comes from others.

import { extname, join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import type { Chart } from '../../graph/chart.ts';
import { toDot } from '../../graph/dot.ts';
import { toMermaid } from '../../graph/mermaid.ts';
import type { Overlay } from '../../graph/overlay.ts';
import { toSagaSvg } from '../../graph/saga-svg.ts';
import type { JsonObject } from '../../graph/stately-json.ts';
import { toSvg } from '../../graph/svg.ts';
import { UsageError } from '../exit-code.ts';
import { isFolder } from '../output-file.ts';
import { jsonText } from '../text/printable.ts';

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

/**
 * The format that is asked for, or else the one of the file's ending; text when there is neither.
 * @throws UsageError for a file whose ending says another format: text in it would look like a broken picture
 */
export function formatOf(
  format: DrawingFormat | undefined,
  output: string | undefined,
): DrawingFormat {
  if (format !== undefined) return format;
  if (output === undefined || isFolder(output)) return 'mermaid';
  const ending = extname(output);
  const known = ending === '' ? 'mermaid' : BY_ENDING[ending];
  if (known !== undefined) return known;
  const endings = Object.keys(BY_ENDING).join(', ');
  throw new UsageError(`Expected --output to end in ${endings}, or --format, got ${output}.`);
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

/** The file of a machine in a folder, or the output itself. */
export function fileOf({ machine }: Drawn, format: DrawingFormat, output: string): string {
  if (!isFolder(output)) return output;
  return join(output, `${machine.replace(/[^\w.-]+/g, '-')}${ENDINGS[format]}`);
}
