// The order of the engine's work: first come, first served, and what is put back goes first.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actorAddress } from '../../src/ids.ts';
import type { Envelope } from '../../src/turn/envelope.ts';
import { Mailbox } from '../../src/turn/mailbox.ts';
import { checkProperty } from './seeds.ts';

function envelope(number: number): Envelope {
  return { kind: 'touch', target: actorAddress(`a-${number}`) };
}

type Move =
  | { readonly type: 'push' }
  | { readonly type: 'take'; readonly limit: number }
  /** The last of what was taken comes back. */
  | { readonly type: 'putBack'; readonly count: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Move>({ type: 'push' }) },
  { weight: 3, arbitrary: fc.nat({ max: 6 }).map((limit): Move => ({ type: 'take', limit })) },
  { weight: 1, arbitrary: fc.nat({ max: 4 }).map((count): Move => ({ type: 'putBack', count })) },
);

describe('the mailbox', () => {
  it('gives what came first, and what was put back before everything else', () => {
    checkProperty(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const mailbox = new Mailbox();
        let waiting: Envelope[] = [];
        let taken: Envelope[] = [];
        for (const [index, step] of moves.entries()) {
          if (step.type === 'push') {
            const next = envelope(index);
            mailbox.push(next);
            waiting.push(next);
          } else if (step.type === 'take') {
            taken = mailbox.take(step.limit);
            expect(taken).toEqual(waiting.slice(0, step.limit));
            waiting = waiting.slice(step.limit);
          } else {
            const back = taken.slice(Math.max(0, taken.length - step.count));
            mailbox.putBack(back);
            waiting = [...back, ...waiting];
            taken = [];
          }
          expect(mailbox.size).toBe(waiting.length);
        }
        expect(mailbox.drain()).toEqual(waiting);
        expect(mailbox.size).toBe(0);
      }),
      200,
    );
  });

  it('keeps the order beyond the point where it lets go of what was taken', () => {
    const mailbox = new Mailbox();
    const all = Array.from({ length: 20_000 }, (_, number) => envelope(number));
    for (const one of all) mailbox.push(one);
    const seen: Envelope[] = [];
    while (mailbox.size > 0) {
      seen.push(...mailbox.take(997));
      if (seen.length === 4_985) mailbox.putBack(seen.splice(-3));
    }
    expect(seen).toEqual(all);
  });
});
