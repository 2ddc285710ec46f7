// The text tables: how numbers, money and long texts stand in them, and that nothing from the data
// reaches a terminal as a command.

import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseInvoices } from '../../examples/invoices/invoices.ts';
import { renderAccounting } from '../../examples/orders/accounting-report.ts';
import { formatCount, formatMoney, hasColor, renderTable } from '../../examples/table.ts';
import { csvFile } from './invoice-csv.ts';

const COLUMNS = [
  { title: 'What' },
  { title: 'Count', format: 'count' },
  { title: 'Amount', format: 'money' },
] as const;

describe('a number', () => {
  it('has thousands separators', () => {
    expect([0, 999, 1000, -1_234_567, 12n].map(formatCount)).toEqual([
      '0',
      '999',
      '1,000',
      '-1,234,567',
      '12',
    ]);
  });

  it('of pence is shown in pounds', () => {
    expect([0, 5, -5, 100, 123_456, -18_424_833].map(formatMoney)).toEqual([
      '£0.00',
      '£0.05',
      '-£0.05',
      '£1.00',
      '£1,234.56',
      '-£184,248.33',
    ]);
    expect(formatMoney(2n ** 63n)).toBe('£92,233,720,368,547,758.08');
  });

  it('that is no integer is refused instead of rounded', () => {
    expect(() => formatMoney(0.5)).toThrow('expected an integer below 2^53, got 0.5');
    expect(() => formatCount(Number.NaN)).toThrow('got NaN');
    expect(() => formatCount(2 ** 53)).toThrow('got 9007199254740992');
  });
});

describe('a table', () => {
  it('puts numbers to the right, text to the left and totals under a rule', () => {
    const rendered = renderTable({
      title: 'Sales',
      columns: COLUMNS,
      rows: [
        ['Café', 1, 250],
        ['Longer name', 1234, -99],
        ['', null, null],
      ],
      footer: ['All', 1235, 151],
    });
    expect(rendered).toBe(
      [
        'Sales',
        'What         Count  Amount',
        '-----------  -----  ------',
        'Café             1   £2.50',
        'Longer name  1,234  -£0.99',
        '',
        '-----------  -----  ------',
        'All          1,235   £1.51',
      ].join('\n'),
    );
  });

  it('wraps a long last column at a word', () => {
    const rendered = renderTable(
      {
        columns: [{ title: 'No', format: 'count' }, { title: 'Note' }],
        rows: [[1, 'a sentence that is longer than the line']],
      },
      { width: 26 },
    );
    expect(rendered.split('\n')).toEqual([
      'No  Note',
      '--  ----------------------',
      ' 1  a sentence that is',
      '    longer than the line',
    ]);
  });

  it('counts what a reader sees as one character as one', () => {
    const rendered = renderTable({
      columns: [{ title: 'Name' }, { title: 'N', format: 'count' }],
      rows: [
        ['Cafe\u0301', 1],
        ['Cafes', 2],
      ],
    });
    expect(rendered.split('\n').slice(2)).toEqual(['Cafe\u0301   1', 'Cafes  2']);
  });

  it('has colour only when told so, and the same text under it', () => {
    const table = { title: 'Sales', columns: COLUMNS, rows: [['A', 1, 2]], footer: ['All', 1, 2] };
    const plain = renderTable(table);
    const colored = renderTable(table, { color: true });
    expect(plain).not.toContain('\u001B');
    expect(colored).toContain('\u001B[1mSales\u001B[0m');
    expect(stripVTControlCharacters(colored)).toBe(plain);
  });

  it('hands no control character of a cell on', () => {
    const rendered = renderTable({ columns: [{ title: 'X' }], rows: [['a\u001B[31m\nb\u009B']] });
    expect(rendered.split('\n')).toEqual(['X', '---------', 'a\uFFFD[31m\uFFFDb\uFFFD']);
  });

  it('refuses a row with a cell too few', () => {
    expect(() => renderTable({ title: 'T', columns: COLUMNS, rows: [['a', 1]] })).toThrow(
      'table "T": expected 3 cells a row, got 2 in row 1',
    );
  });
});

describe('colour', () => {
  it('is for terminals that have it', () => {
    const hasColors = (): boolean => true;
    expect(hasColor({ isTTY: true, hasColors })).toBe(true);
    expect(hasColor({ isTTY: true, hasColors: () => false })).toBe(false);
    expect(hasColor({ isTTY: true })).toBe(false);
    expect(hasColor({ hasColors })).toBe(false);
  });
});

describe('the report of an accounting', () => {
  it('shows every kind, the total, the reasons, the codes and the notes', () => {
    const read = parseInvoices(
      csvFile(
        { invoice: '1', quantity: '1000' },
        { invoice: '1', code: 'POST', price: '18' },
        { invoice: 'C2', customer: '', quantity: '-1' },
        { invoice: '3', customer: '' },
      ),
    );
    const lines = renderAccounting(read.accounting, { width: 160 }).split('\n');
    const find = (start: string): string | undefined =>
      lines.find((line) => line.startsWith(start));
    expect(lines[0]).toBe('Rows of the file: 4');
    expect(find('Orders ')).toMatch(/^Orders +2 +3 +£2,570\.55 +run: /);
    expect(find('Returns of no order')).toMatch(/ 1 +1 +-£2\.55 +not run: see the reasons$/);
    expect(find('All')).toMatch(/^All +3 +4 +£2,568\.00$/);
    expect(find('   1')).toMatch(/^ +1 +£2\.55 +no customer number on the return$/);
    expect(find('POST')).toMatch(/^POST +1 +£18\.00 +postage$/);
    expect(find('Orders of guests')).toMatch(/^Orders of guests +1 +no customer number/);
    expect(lines.join('\n')).not.toContain('Expected');
  });

  it('shows the first ten broken rows and says that there are more', () => {
    const rows = Array.from({ length: 12 }, (_, index) => ({ invoice: String(index), price: '?' }));
    const rendered = renderAccounting(parseInvoices(csvFile(...rows)).accounting);
    expect(rendered).toContain('Broken rows (the first 10)');
    expect(rendered).toMatch(/\n11 +9 +pounds with at most three decimals +\?$/);
    expect(rendered).toMatch(/^Broken rows +0 +12 /m);
  });
});
