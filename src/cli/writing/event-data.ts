// The body of an event as the command line gives it: JSON text, a file of it, or standard input.

import { readFileSync } from 'node:fs';
import { UsageError } from '../exit-code.ts';

/**
 * An event of this type with the members of the data.
 * @param data JSON, `@file` or `-` for standard input; undefined: an event that is only its type
 * @throws UsageError for what is no JSON object, or one that says another type
 */
export function readEvent(type: string, data: string | undefined): { readonly type: string } {
  if (data === undefined) return { type };
  const body = parse(textOf(data), data);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new UsageError('Expected --data to be a JSON object: the members of the event.');
  }
  if ('type' in body && body.type !== type) {
    throw new UsageError(
      `Expected --data without a type, or with "${type}"; got ${JSON.stringify(body.type)}.`,
    );
  }
  return { ...body, type };
}

function textOf(data: string): string {
  if (data !== '-' && !data.startsWith('@')) return data;
  const file = data === '-' ? 0 : data.slice(1);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Expected --data ${data} to be readable, got: ${why}`, { cause: error });
  }
}

function parse(text: string, data: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Expected JSON in --data ${data}, got: ${why}`, { cause: error });
  }
}
