// How an operation ends, and the few ways to say so. An outcome is stored under its key together
// with what it changed, and is the answer to every later arrival of that key.

import { hash } from 'node:crypto';
import type { UndoablePath } from './tombstones.ts';

/** Done: took effect. Rejected, sealed: did nothing and never will under its key. */
export interface Outcome {
  readonly state: 'done' | 'rejected' | 'sealed';
  readonly status: number;
  readonly reply: object;
}

export function done(status: 200 | 201, reply: object): Outcome {
  return { state: 'done', status, reply };
}

/** A definite refusal by a rule of money or stock. */
export function reject(
  status: 402 | 404 | 422,
  code: string,
  message: string,
  details: object = {},
): Outcome {
  return { state: 'rejected', status, reply: { error: { code, message, ...details } } };
}

/** What a charge or a reservation is answered when its void or release came before it. */
export function seal(path: UndoablePath, key: string): Outcome {
  const error =
    path === '/charges'
      ? { code: 'CHARGE_VOIDED', message: `a void of ${key} came first; it is never made` }
      : {
          code: 'RESERVATION_RELEASED',
          message: `a release of ${key} came first; it is never made`,
        };
  return { state: 'sealed', status: 409, reply: { error } };
}

/** The same key gives the same id, so that a run repeats down to its ids. */
export function computeId(prefix: 'ch' | 're' | 'rs', key: string): string {
  return `${prefix}_${hash('sha256', key, 'hex').slice(0, 20)}`;
}
