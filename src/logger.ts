// What the engine says to its host: silent unless given a logger. The shape fits pino, winston and
// console with a line of glue.

export interface Logger {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** The host's logger, which must not stop the engine by throwing: then the line is lost, nothing else. */
export function guardedLogger(logger: Logger): Logger {
  const quietly =
    (level: keyof Logger): Logger[typeof level] =>
    (message, fields) => {
      try {
        logger[level](message, fields);
      } catch {
        // There is nobody left to tell.
      }
    };
  return { info: quietly('info'), warn: quietly('warn'), error: quietly('error') };
}

const nothing = (): void => undefined;

export const silentLogger: Logger = { info: nothing, warn: nothing, error: nothing };
