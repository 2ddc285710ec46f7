// The agency that books: keeps, cancels and refuses bookings, once per key. It knows nothing of trips and
// sagas; at the end it is the witness of what is booked.

import { Rejected } from 'sagawright';
import { Replies } from '../fulfilment/replies.ts';
import type { Booking, Cancelled, Part } from './trip.ts';

/** One booking. `blocked`: it was cancelled before it came, and is refused for ever. */
export interface Entry {
  readonly part: Part;
  readonly reference: string | null;
  readonly status: 'blocked' | 'booked' | 'cancelled';
}

export class Agency {
  /** By the key that booked it. */
  readonly #entries: Map<string, Entry> = new Map();
  readonly #replies: Replies = new Replies();

  /** @throws Rejected if it was cancelled before it came */
  book(key: string, part: Part, what: string): Booking {
    return this.#replies.once(key, { part, what }, () => {
      if (this.#entries.has(key)) throw new Rejected('CALLED_OFF');
      const reference = `${part.slice(0, 1).toUpperCase()}-${this.#entries.size + 101}`;
      this.#entries.set(key, { part, reference, status: 'booked' });
      return { reference };
    });
  }

  /** Cancels what was booked under a key, also before it comes. */
  cancel(key: string, part: Part, bookedBy: string): Cancelled {
    return this.#replies.once(key, { cancel: bookedBy }, () => {
      const entry = this.#entries.get(bookedBy) ?? { part, reference: null };
      const status = entry.reference === null ? 'blocked' : 'cancelled';
      this.#entries.set(bookedBy, { ...entry, status });
      return { status };
    });
  }

  /** Every booking that was made or blocked. */
  entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }
}
