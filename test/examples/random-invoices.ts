// Random invoice files for property tests: few customers, products and days, so that returns meet
// orders; and now and then a field that breaks its row or contradicts its invoice.

import fc from 'fast-check';
import { csvRow } from './invoice-csv.ts';

const garbage: fc.Arbitrary<string> = fc
  .string({ maxLength: 6 })
  .filter((text) => !/[\r\n]/.test(text));

function field(...usual: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 300, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: garbage },
  );
}

const line = fc.record({
  code: field('85123A', '85123a', '85123A', '22222', '22222', 'POST', 'D'),
  description: field('X', '', '"A, B"'),
  quantity: field('1', '1', '1', '2', '2', '3', '5'),
  price: field('1', '1', '2.55', '2.55', '0.125', '0.125', '0.004', '0'),
});

const invoice = fc
  .record({
    number: fc.nat(999),
    prefix: fc.constantFrom('', '', '', 'C', 'C', 'C', 'A'),
    date: field('2010-12-01 08:00:00', '2010-12-02 08:00:00', '2010-12-03 08:00:00'),
    customer: field('7', '7', '7', '7', '7', '7', '8', ''),
    lines: fc.array(line, { minLength: 1, maxLength: 6 }),
    oddSign: fc.nat(9).map((chance) => chance === 0),
  })
  .map(({ number, prefix, date, customer, lines, oddSign }) =>
    lines.map((each, index) => {
      const isNegative = (prefix === 'C') !== (oddSign && index === 0);
      const quantity = isNegative ? `-${each.quantity}` : each.quantity;
      return csvRow({ ...each, quantity, invoice: `${prefix}${number}`, date, customer });
    }),
  );

/** The rows of a random file. */
export const randomRows: fc.Arbitrary<readonly string[]> = fc
  .array(invoice, { maxLength: 16, size: 'max' })
  .map((invoices) => invoices.flat());
