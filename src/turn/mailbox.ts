// The engine's mailbox: envelopes in the order of their arrival. It alone decides the order of work;
// what is put back, or was kept in the inbox, goes first.

import { type Envelope, isFromInbox } from './envelope.ts';

export class Mailbox {
  #queue: Envelope[] = [];
  #head = 0;

  get size(): number {
    return this.#queue.length - this.#head;
  }

  push(envelope: Envelope): void {
    this.#queue.push(envelope);
  }

  /** Before everything that waits, in the given order. */
  putBack(envelopes: readonly Envelope[]): void {
    if (envelopes.length === 0) return;
    this.#queue = [...envelopes, ...this.#queue.slice(this.#head)];
    this.#head = 0;
  }

  /** What a turn has set aside: behind what was set aside before it, before everything else. */
  putAside(envelopes: readonly Envelope[]): void {
    const waiting = this.#queue.slice(this.#head);
    const index = waiting.findIndex((envelope) => !isFromInbox(envelope));
    const at = index < 0 ? waiting.length : index;
    this.#queue = [...waiting.slice(0, at), ...envelopes, ...waiting.slice(at)];
    this.#head = 0;
  }

  /** The next envelopes, `limit` at most. */
  take(limit: number): Envelope[] {
    const taken = this.#queue.slice(this.#head, this.#head + limit);
    this.#head += taken.length;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head > 4_096) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  /** Empties it, for an engine that stops. */
  drain(): Envelope[] {
    return this.take(this.size);
  }
}
