// Hand-made invoice files for the tests of the reader: a row is given by what the test is about,
// the rest is filled in. It never escapes or repairs what a test wants broken.

/** The header of the format. */
export const HEADER =
  'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

/** The fields of one row, as text. */
export interface RowFields {
  readonly invoice: string;
  readonly code: string;
  readonly description: string;
  readonly quantity: string;
  readonly date: string;
  readonly price: string;
  readonly customer: string;
  readonly country: string;
}

const DEFAULTS: RowFields = {
  invoice: '536365',
  code: '85123A',
  description: 'HOLDER',
  quantity: '1',
  date: '2010-12-01 08:26:00',
  price: '2.55',
  customer: '17850.0',
  country: 'United Kingdom',
};

/** One line of the file. */
export function csvRow(fields: Partial<RowFields> = {}): string {
  const all = { ...DEFAULTS, ...fields };
  return [
    all.invoice,
    all.code,
    all.description,
    all.quantity,
    all.date,
    all.price,
    all.customer,
    all.country,
  ].join(',');
}

/** A whole file; a string is taken as the line itself. */
export function csvFile(...rows: readonly (string | Partial<RowFields>)[]): string {
  const lines = rows.map((row) => (typeof row === 'string' ? row : csvRow(row)));
  return `${[HEADER, ...lines].join('\n')}\n`;
}
