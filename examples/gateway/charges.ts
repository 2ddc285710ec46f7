// Money: charges, voids and partial refunds. Each function runs inside the ledger's transaction,
// reads what is there, writes at most once per row, and checks before it returns that what was
// given back is what the refunds say. Never looks at idempotency keys beyond naming rows by them.

import type Database from 'better-sqlite3';
import { computeId, done, type Outcome, reject, seal } from './outcome.ts';
import type { ChargeBody, RefundBody, VoidBody } from './requests.ts';
import { invariant } from './schema.ts';
import type { Tombstones } from './tombstones.ts';

export interface Charges {
  charge(key: string, body: ChargeBody): Outcome;
  void(key: string, body: VoidBody): Outcome;
  refund(key: string, body: RefundBody): Outcome;
}

interface ChargeRow {
  readonly captured_minor: number;
  readonly refunded_minor: number;
  readonly status: 'captured' | 'voided' | 'declined' | 'blocked';
}

type NewCharge = [
  key: string,
  orderId: string,
  currency: string,
  amountMinor: number,
  capturedMinor: number,
  status: ChargeRow['status'],
];

export function createCharges(
  db: Database.Database,
  tombstones: Tombstones,
  declines: (orderId: string) => boolean,
): Charges {
  const rows = prepareCharges(db);

  const checkCharge = (chargeKey: string): void => {
    const row = rows.find.get(chargeKey);
    const sumMinor = rows.sumRefunds.get(chargeKey);
    invariant(
      row !== undefined &&
        row.refunded_minor === sumMinor &&
        row.refunded_minor <= row.captured_minor,
      `charge ${chargeKey}: expected refunded = sum of refunds <= captured, ` +
        `got ${JSON.stringify(row)} and refunds of ${sumMinor}`,
    );
  };

  const charge = (key: string, body: ChargeBody): Outcome => {
    const { orderId, amountMinor, currency } = body;
    const blocked = tombstones.has('/charges', key);
    const status = blocked ? 'blocked' : declines(orderId) ? 'declined' : 'captured';
    rows.nameOrder.run(orderId);
    const capturedMinor = status === 'captured' ? amountMinor : 0;
    rows.insert.run(key, orderId, currency, amountMinor, capturedMinor, status);
    checkCharge(key);
    if (status === 'blocked') return seal('/charges', key);
    if (status === 'declined') {
      return reject(402, 'CARD_DECLINED', `the card of ${orderId} was declined`);
    }
    return done(201, { id: computeId('ch', key), key, orderId, amountMinor, currency, status });
  };

  const voidCharge = (key: string, { chargeKey }: VoidBody): Outcome => {
    const row = rows.find.get(chargeKey);
    if (row === undefined) tombstones.lay('/charges', chargeKey, key);
    if (row === undefined || row.status === 'blocked') {
      return done(200, { chargeKey, status: 'blocked', refundedMinor: 0 });
    }
    const refundedMinor = row.captured_minor - row.refunded_minor;
    if (row.status === 'captured') {
      rows.giveBack.run(refundedMinor, 'voided', chargeKey);
      rows.insertRefund.run(key, chargeKey, 'void', refundedMinor);
      checkCharge(chargeKey);
    }
    return done(200, { chargeKey, status: 'voided', refundedMinor });
  };

  const refund = (key: string, { chargeKey, amountMinor }: RefundBody): Outcome => {
    const row = rows.find.get(chargeKey);
    if (row === undefined) {
      return reject(404, 'CHARGE_UNKNOWN', `no charge was made under the key ${chargeKey}`);
    }
    const heldMinor = row.captured_minor - row.refunded_minor;
    if (amountMinor > heldMinor) {
      const message = `expected at most ${heldMinor}, which is held of the charge, got ${amountMinor}`;
      return reject(422, 'REFUND_EXCEEDS_CHARGE', message, { heldMinor });
    }
    rows.giveBack.run(amountMinor, row.status, chargeKey);
    rows.insertRefund.run(key, chargeKey, 'refund', amountMinor);
    checkCharge(chargeKey);
    const id = computeId('re', key);
    return done(201, { id, chargeKey, amountMinor, status: 'refunded' });
  };

  return { charge, void: voidCharge, refund };
}

// Its type is what it prepares: spelled out it would be this list a second time.
function prepareCharges(db: Database.Database) {
  return {
    find: db.prepare<[string], ChargeRow>(
      'SELECT captured_minor, refunded_minor, status FROM charges WHERE key = ?',
    ),
    insert: db.prepare<NewCharge>(
      `INSERT INTO charges (key, order_id, currency, amount_minor, captured_minor, status)
     VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    nameOrder: db.prepare<[string]>('INSERT OR IGNORE INTO orders (order_id) VALUES (?)'),
    giveBack: db.prepare<[amountMinor: number, status: string, key: string]>(
      'UPDATE charges SET refunded_minor = refunded_minor + ?, status = ? WHERE key = ?',
    ),
    insertRefund: db.prepare<[string, string, 'void' | 'refund', number]>(
      'INSERT INTO refunds (key, charge_key, kind, amount_minor) VALUES (?, ?, ?, ?)',
    ),
    sumRefunds: db
      .prepare<[string], number>(
        'SELECT coalesce(sum(amount_minor), 0) FROM refunds WHERE charge_key = ?',
      )
      .pluck(),
  };
}
