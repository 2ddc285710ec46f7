// Exact money of the invoice reader: a price is read as an integer of thousandths of a pound, lines
// are multiplied and summed as bigint, and a sum is rounded to pence once. No floating point number
// ever holds an amount, so 0.1 + 0.2 is 30 pence on every machine.

const PRICE = /^(-?)(\d{1,15})(?:\.(\d{1,3}))?$/;

/** Reads `2.55`, `0.001` or `-3`; `null` when the text is no decimal with up to three decimals. */
export function parsePriceThousandths(text: string): bigint | null {
  const match = PRICE.exec(text);
  if (match === null) return null;
  const [, sign = '', pounds = '', decimals = ''] = match;
  const thousandths = BigInt(pounds + decimals.padEnd(3, '0'));
  return sign === '-' ? -thousandths : thousandths;
}

/** Quantity times unit price, exact. */
export function computeAmountThousandths(line: {
  readonly quantity: number;
  readonly unitPriceThousandths: number;
}): bigint {
  return BigInt(line.quantity) * BigInt(line.unitPriceThousandths);
}

/** Rounds half up (towards plus infinity) to a penny: 0.005 is 1, -0.005 is 0. */
export function roundToMinor(amountThousandths: bigint): number {
  const shifted = amountThousandths + 5n;
  const floored = shifted / 10n - (shifted % 10n < 0n ? 1n : 0n);
  const amountMinor = Number(floored);
  if (!Number.isSafeInteger(amountMinor)) {
    throw new RangeError(
      `expected an amount below 2^53 pence, got ${floored}: lower the row limits of the reader`,
    );
  }
  return amountMinor;
}

/** Of numbers that are integers already: pence, rows, pieces. */
export function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
