// What a stock code says. Five digits with up to two letters name a product; anything else is a
// charge line: priced, but nothing of it lies on a shelf, so it reserves no stock. Codes are read
// in upper case, because the file writes one product both ways (85123A and 85123a share a
// description) and two stock items for one product would sell the same piece twice.

const PRODUCT = /^\d{5}[A-Z]{0,2}$/;

const CARRIAGE = 'carriage';
const FEE = 'fee';

interface OddCode {
  readonly group: 'carriage' | 'manual' | 'discount' | 'fee';
  readonly meaning: string;
}

const ODD_CODES: ReadonlyMap<string, OddCode> = new Map([
  ['POST', { group: CARRIAGE, meaning: 'postage' }],
  ['DOT', { group: CARRIAGE, meaning: 'postage of web shop orders' }],
  ['C2', { group: CARRIAGE, meaning: 'carriage' }],
  ['M', { group: 'manual', meaning: 'an amount entered by hand' }],
  ['D', { group: 'discount', meaning: 'discount' }],
  ['BANK CHARGES', { group: FEE, meaning: 'bank fee' }],
  ['AMAZONFEE', { group: FEE, meaning: 'marketplace fee' }],
  ['CRUK', { group: FEE, meaning: 'charity commission' }],
  ['S', { group: FEE, meaning: 'samples' }],
  ['PADS', { group: FEE, meaning: 'cushion pads, priced by hand' }],
  ['B', { group: FEE, meaning: 'bad debt' }],
]);

/** The code as the stock knows it. */
export function readSku(stockCode: string): string {
  return stockCode.toUpperCase();
}

/** Whether there is a stock of it to reserve from. */
export function isProduct(sku: string): boolean {
  return PRODUCT.test(sku);
}

/** Whether a customer can have bought it in one order and give it back: products and carriage. */
export function isReturnable(sku: string): boolean {
  const odd = ODD_CODES.get(sku);
  return odd === undefined || odd.group === CARRIAGE;
}

/** What a code that is no product stands for. */
export function describeOddCode(sku: string): string {
  return ODD_CODES.get(sku)?.meaning ?? 'unknown code';
}
