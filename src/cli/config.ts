// What a config file says. Only its shape: load-config.ts reads it, so that a user's config can import
// this without the rest of the command line.

import type { EngineOptions } from '../client/engine-options.ts';

/** The default export of `sagawright.config.ts`: `export default defineConfig({ ... })`. */
export interface Config extends Partial<Pick<EngineOptions, 'machines' | 'migrations' | 'drift'>> {
  /** The SQLite file, relative to the working directory. */
  readonly database?: string;
}

/** Gives a config file its types; returns what it is given. */
export function defineConfig(config: Config): Config {
  return config;
}
