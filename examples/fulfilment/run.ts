// One example from start to end: one order fulfilled by its saga, told as a timeline, with what failed,
// what was undone, and the books. Says whether they are equal; prints where it is told to.

import type { ActorSnapshot } from 'sagawright';
import { orderMachine } from 'sagawright/machines';
import type { Print } from '../program.ts';
import { type RenderOptions, renderTable } from '../table.ts';
import { ORDER, SAGA_ID } from './basket.ts';
import { readBooks } from './books.ts';
import { EXAMPLES } from './fulfilments.ts';
import type { ExampleOptions } from './options.ts';
import { openShop, placeOrder, retry } from './shop.ts';
import { readTimeline } from './timeline.ts';

export interface Ended {
  /** Where the saga and the order stand at the end. */
  readonly saga: string;
  readonly order: string;
  /** Whether bank, carrier and post say what the shop has on record, and the journal agrees. */
  readonly isWhole: boolean;
}

export async function runExample(
  { name, faults, db, isRetried }: ExampleOptions,
  print: Print,
  look: RenderOptions = {},
): Promise<Ended> {
  const example = EXAMPLES[name];
  if (example === undefined) throw new Error(`Expected an example, got ${name}.`);
  const troubles = [...faults].map(([step, fault]) => `--${fault} ${step}`);
  print(`${name}: ${example.title}.\n${troubles.join(' ')}`);
  const toGoWrong = new Map(faults);
  const shop = await openShop(example, { db, faults: toGoWrong });
  try {
    let end = await placeOrder(shop, example);
    if (isRetried && end.status === 'active') {
      toGoWrong.clear();
      end = await retry(shop, end);
    }
    print(renderTable(await readTimeline(shop.engine), look));
    const order = await shop.engine.actor(orderMachine, ORDER.orderId).snapshot();
    print(`\n${describeEnd(end)}`);
    print(`The order went ${order.context.history.join(' → ')}.\n`);
    const { table, areEqual } = await readBooks(shop);
    print(renderTable(table, look));
    const { mismatches } = await shop.engine.verify();
    const isVerified = mismatches.length === 0;
    print(
      `\n${areEqual ? 'The books are equal' : 'THE BOOKS DIFFER'}; the journal ${isVerified ? 'agrees with every actor' : 'DISAGREES'}.`,
    );
    const isWhole = areEqual && isVerified;
    return { saga: String(end.value), order: String(order.value), isWhole };
  } finally {
    await shop.engine.stop();
  }
}

/** How the saga ended, and why it turned back or stands still. */
function describeEnd({ id, value, output, context }: ActorSnapshot): string {
  const saga = id === SAGA_ID ? 'The saga' : `The saga ${id}`;
  const { failure = null } = (output ?? context) as {
    readonly failure?: { readonly step: string; readonly code: string } | null;
  };
  const why = failure === null ? '' : `, because of ${failure.step} (${failure.code})`;
  const hint = value === 'needsAttention' ? ' With --retry, people mend it and send RETRY.' : '';
  return `${saga} is ${String(value)}${why}.${hint}`;
}
