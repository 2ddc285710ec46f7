// The options of `serveInspector`, checked by shape and bound, with their defaults.

import { checkMembers, type Members, refuseOption } from '../options.ts';

export interface InspectorBounds {
  /** Actors that a viewer is shown when it connects: the active ones that changed last. Default 500. */
  readonly actors: number;
  /**
   * Events that wait for one viewer; when it is slower than that, it starts anew with the actors as they
   * are. Default 10,000.
   */
  readonly waiting: number;
  /** Longest message, in characters; contexts and events beyond it are left out. Default 262,144. */
  readonly messageLength: number;
}

export interface InspectorOptions {
  /** Default: any free one. */
  readonly port?: number;
  /** Only the page that asks nobody else for anything: Stately's is not offered. Default false. */
  readonly offline?: boolean;
  /** What is kept for each viewer, at most. */
  readonly history?: Partial<InspectorBounds>;
}

const OPTIONS: Members<InspectorOptions> = { port: true, offline: true, history: true };
const DEFAULT_BOUNDS: InspectorBounds = { actors: 500, waiting: 10_000, messageLength: 262_144 };
const MOST: InspectorBounds = { actors: 10_000, waiting: 1_000_000, messageLength: 67_108_864 };
const LEAST: InspectorBounds = { actors: 1, waiting: 1, messageLength: 1_024 };

export interface CheckedOptions {
  readonly port: number;
  readonly isOffline: boolean;
  readonly bounds: InspectorBounds;
}

/** @throws EngineError `BAD_OPTION` */
export function checkInspectorOptions(options: InspectorOptions): CheckedOptions {
  checkMembers(options, 'the options of serveInspector', OPTIONS);
  const { port = 0, offline = false, history = {} } = options;
  if (!isBetween(port, 0, 65_535)) refuseOption('port', 'a port from 0 to 65,535', port);
  if (typeof offline !== 'boolean') refuseOption('offline', 'true or false', offline);
  checkMembers(history, 'history', { actors: true, waiting: true, messageLength: true });
  const bounds = { ...DEFAULT_BOUNDS, ...history };
  for (const name of ['actors', 'waiting', 'messageLength'] as const) {
    if (isBetween(bounds[name], LEAST[name], MOST[name])) continue;
    const range = `a whole number from ${LEAST[name]} to ${MOST[name]}`;
    refuseOption(`history.${name}`, range, bounds[name]);
  }
  return { port, isOffline: offline, bounds };
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}
