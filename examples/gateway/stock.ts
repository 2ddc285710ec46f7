// Stock: reservations, all or nothing, and their release. A stock code gets its first pieces when
// it is first mentioned. Runs inside the ledger's transaction; every row keeps
// initial = available + reserved. Never sells: a kept reservation stays reserved.

import type Database from 'better-sqlite3';
import { computeId, done, type Outcome, reject, seal } from './outcome.ts';
import type { ReleaseBody, ReservationBody, ReservationItem } from './requests.ts';
import { invariant } from './schema.ts';
import type { Tombstones } from './tombstones.ts';

interface Stock {
  reserve(key: string, body: ReservationBody): Outcome;
  release(key: string, body: ReleaseBody): Outcome;
}

type ReservationStatus = 'reserved' | 'released' | 'rejected' | 'blocked';

interface StockRow {
  readonly initial: number;
  readonly available: number;
  readonly reserved: number;
}

interface Shortage {
  readonly sku: string;
  readonly wanted: number;
  readonly available: number;
}

export function createStock(
  db: Database.Database,
  tombstones: Tombstones,
  initialStock: (sku: string) => number,
): Stock {
  const rows = prepareStock(db);

  const available = (sku: string): number => {
    const row = rows.findStock.get(sku);
    if (row !== undefined) return row.available;
    const initial = initialStock(sku);
    rows.insertStock.run(sku, initial, initial);
    return initial;
  };

  const move = (sku: string, quantity: number): void => {
    const row = rows.moveStock.get(quantity, quantity, sku);
    invariant(
      row !== undefined && row.initial === row.available + row.reserved,
      `stock ${sku}: expected initial = available + reserved, got ${JSON.stringify(row)}`,
    );
  };

  const findShortage = (wanted: ReadonlyMap<string, number>): Shortage | undefined => {
    const shortages = Array.from(wanted, ([sku, quantity]) => ({
      sku,
      wanted: quantity,
      available: available(sku),
    }));
    return shortages.find((each) => each.wanted > each.available);
  };

  const reserve = (key: string, { orderId, items }: ReservationBody): Outcome => {
    const wanted = sumBySku(items);
    const blocked = tombstones.has('/reservations', key);
    const shortage = blocked ? undefined : findShortage(wanted);
    const status = blocked ? 'blocked' : shortage === undefined ? 'reserved' : 'rejected';
    rows.nameOrder.run(orderId);
    rows.insertReservation.run(key, orderId, status);
    for (const [sku, quantity] of wanted) {
      rows.insertItem.run(key, sku, quantity);
      if (status === 'reserved') move(sku, quantity);
    }
    if (blocked) return seal('/reservations', key);
    if (shortage !== undefined) {
      const message = `wanted ${shortage.wanted} of ${shortage.sku}, ${shortage.available} available`;
      return reject(422, 'OUT_OF_STOCK', message, shortage);
    }
    return done(201, { id: computeId('rs', key), key, orderId, items, status });
  };

  const release = (key: string, { reservationKey }: ReleaseBody): Outcome => {
    const status = rows.findReservation.get(reservationKey);
    if (status === undefined) tombstones.lay('/reservations', reservationKey, key);
    if (status === undefined || status === 'blocked') {
      return done(200, { reservationKey, status: 'blocked' });
    }
    if (status === 'reserved') {
      rows.setReleased.run(reservationKey);
      for (const { sku, quantity } of rows.listItems.all(reservationKey)) move(sku, -quantity);
      rows.insertRelease.run(key, reservationKey);
    }
    return done(200, { reservationKey, status: 'released' });
  };

  return { reserve, release };
}

/** A stock code named twice in one request is wanted twice. */
function sumBySku(items: readonly ReservationItem[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of items) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
}

// Its type is what it prepares: spelled out it would be this list a second time.
function prepareStock(db: Database.Database) {
  return {
    findStock: db.prepare<[string], StockRow>(
      'SELECT initial, available, reserved FROM stock WHERE sku = ?',
    ),
    insertStock: db.prepare<[sku: string, initial: number, available: number]>(
      'INSERT INTO stock (sku, initial, available, reserved) VALUES (?, ?, ?, 0)',
    ),
    moveStock: db.prepare<[number, number, string], StockRow>(
      `UPDATE stock SET available = available - ?, reserved = reserved + ? WHERE sku = ?
     RETURNING initial, available, reserved`,
    ),
    nameOrder: db.prepare<[string]>('INSERT OR IGNORE INTO orders (order_id) VALUES (?)'),
    findReservation: db
      .prepare<[string], ReservationStatus>('SELECT status FROM reservations WHERE key = ?')
      .pluck(),
    insertReservation: db.prepare<[string, string, ReservationStatus]>(
      'INSERT INTO reservations (key, order_id, status) VALUES (?, ?, ?)',
    ),
    insertItem: db.prepare<[string, string, number]>(
      'INSERT INTO reservation_items (reservation_key, sku, quantity) VALUES (?, ?, ?)',
    ),
    listItems: db.prepare<[string], ReservationItem>(
      'SELECT sku, quantity FROM reservation_items WHERE reservation_key = ?',
    ),
    setReleased: db.prepare<[string]>(
      "UPDATE reservations SET status = 'released' WHERE key = ? AND status = 'reserved'",
    ),
    insertRelease: db.prepare<[string, string]>(
      'INSERT INTO releases (key, reservation_key) VALUES (?, ?)',
    ),
  };
}
