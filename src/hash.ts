// Fingerprints of JSON: for comparing inputs, bodies and definitions, never for security. Pure.

import { createHash } from 'node:crypto';
import { canonical } from './codec.ts';

/** The same short text for equal JSON values, whatever the order of their members. */
export function hashJson(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('base64url').slice(0, 22);
}
