// What the engine says to its host: silent unless given a logger. The shape fits pino, winston and
// console with a line of glue.

export interface Logger {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

const nothing = (): void => undefined;

export const silentLogger: Logger = { info: nothing, warn: nothing, error: nothing };
