// Tables and texts on their way to a terminal: they fit it, and nothing in them can command it.

import { describe, expect, it } from 'vitest';
import { formatAge, formatBytes, formatDuration, localTime } from '../../src/cli/text/moment.ts';
import { jsonText, printable } from '../../src/cli/text/printable.ts';
import { momentCell, renderTable, statusCell } from '../../src/cli/text/table.ts';
import { columnsOf, shorten } from '../../src/cli/text/text-columns.ts';

const PIPE = { width: Number.POSITIVE_INFINITY, hasColor: false };
const HOSTILE = 'a\u001b[2J\u009b31m\u202eb\nc\u200d';

describe('a table', () => {
  const table = {
    titles: ['actor', 'count', '>p50'],
    rows: [
      ['short', 7, '3s'],
      ['a-very-long-actor-id-that-takes-room', 1_234_567, '12m'],
    ],
  };

  it('stands in columns, numbers to the right', () => {
    expect(renderTable(table, PIPE).split('\n')).toEqual([
      'actor                                     count  p50',
      'short                                         7   3s',
      'a-very-long-actor-id-that-takes-room  1,234,567  12m',
    ]);
  });

  it('shortens its widest text to the terminal, and leaves numbers whole', () => {
    const lines = renderTable(table, { width: 30, hasColor: false }).split('\n');
    expect(lines.map(columnsOf)).toEqual([30, 30, 30]);
    expect(lines[2]).toMatch(/^a-very-long-?.*…\s+1,234,567 {2}12m$/);
  });

  it('cuts the first column last: the next command asks by it', () => {
    const actors = {
      titles: ['actor', 'machine', 'state', 'updated'],
      rows: [
        ['shipment-order-1', 'shipment@1', 'AWAITING_APPROVAL', '2026-01-15T12:00:00 (1m ago)'],
      ],
    };
    const [, line = ''] = renderTable(actors, { width: 60, hasColor: false }).split('\n');
    expect(line).toMatch(/^shipment-order-1 {2}shipment@1 {2}\S+… {2}.*…$/);
    expect(columnsOf(line)).toBe(60);
    const [, narrow = ''] = renderTable(actors, { width: 35, hasColor: false }).split('\n');
    expect(narrow).toMatch(/^shipmen\S*… {2}shipm… {2}AWAIT… {2}2026-…$/);
  });

  it('says how long ago alone, where a date would be cut off', () => {
    const at = new Date(2026, 0, 15, 12).getTime();
    const actors = {
      titles: ['actor', 'updated'],
      rows: [['order-1', momentCell(at, at + 60_000)]],
    };
    expect(renderTable(actors, PIPE)).toContain('order-1  2026-01-15T12:00:00 (1m ago)');
    expect(renderTable(actors, { width: 20, hasColor: false }).split('\n')).toEqual([
      'actor    updated',
      'order-1  1m ago',
    ]);
  });

  it('keeps a column readable when the terminal is too narrow for it', () => {
    expect(renderTable(table, { width: 5, hasColor: false })).toContain('a-ver…');
  });

  it('is its titles when it has no rows', () => {
    expect(renderTable({ titles: ['actor', 'state'], rows: [] }, PIPE)).toBe('actor  state');
  });

  it('has colours only where there are some', () => {
    const status = { titles: ['status'], rows: [[statusCell('parked')], [statusCell('done')]] };
    expect(renderTable(status, PIPE)).toBe('status\nparked\ndone');
    expect(renderTable(status, { ...PIPE, hasColor: true })).toBe(
      '\u001b[2mstatus\u001b[0m\n\u001b[31mparked\u001b[0m\n\u001b[32mdone\u001b[0m',
    );
  });

  it('shows what would command the terminal as numbers', () => {
    const text = renderTable(
      { titles: ['id'], rows: [[HOSTILE], [{ text: HOSTILE, tint: 'red' }]] },
      PIPE,
    );
    expect(text.split('\n')).toEqual([
      'id',
      'a\\u001b[2J\\u009b31m\\u202eb\\nc\\u200d',
      'a\\u001b[2J\\u009b31m\\u202eb\\nc\\u200d',
    ]);
  });

  it('counts wide characters as two columns', () => {
    expect(columnsOf('注文-1')).toBe(6);
    expect(shorten('注文注文', 5)).toBe('注文…');
    expect(columnsOf(shorten('注文注文', 6))).toBeLessThanOrEqual(6);
  });
});

describe('texts', () => {
  it('leaves what people write as it is', () => {
    expect(printable('Grüße an 注文, “ok” 🎉')).toBe('Grüße an 注文, “ok” 🎉');
  });

  it('writes JSON that parses to the same and commands no terminal', () => {
    const value = { [HOSTILE]: [HOSTILE, '\u{e0041}', '\ud800'] };
    const text = jsonText(value, 2);
    expect(JSON.parse(text)).toEqual(value);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  it.each([
    [0, '0ms'],
    [999, '999ms'],
    [3_250, '3.2s'],
    [59_999, '59s'],
    [185_000, '3m'],
    [7_500_000, '2h 5m'],
    [86_400_000, '1d'],
    [40 * 86_400_000 + 3_600_000, '40d'],
  ])('says %d milliseconds as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('says how long ago and how far ahead', () => {
    expect([formatAge(0, 180_000), formatAge(180_000, 0), formatAge(5, 10)]).toEqual([
      '3m ago',
      'in 3m',
      'now',
    ]);
  });

  it('says local time to the second', () => {
    const noon = new Date(2026, 5, 1, 12, 30, 15).getTime();
    expect(localTime(noon)).toBe('2026-06-01T12:30:15');
  });

  it('says bytes in the unit that fits', () => {
    expect([formatBytes(12), formatBytes(1_536), formatBytes(3 * 1024 ** 3)]).toEqual([
      '12 B',
      '1.5 KiB',
      '3.0 GiB',
    ]);
  });
});
