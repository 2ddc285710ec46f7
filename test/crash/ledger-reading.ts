// What the gateway says really happened: per order, and per key. The oracle for money and stock; shares
// nothing with the engine.

interface Charge {
  readonly key: string;
  readonly amountMinor: number;
  readonly refundedMinor: number;
  readonly status: 'captured' | 'voided' | 'declined' | 'blocked';
}

interface Reservation {
  readonly key: string;
  readonly status: 'reserved' | 'released' | 'rejected' | 'blocked';
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
}

export interface LedgerOrder {
  readonly orderId: string;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly charges: readonly Charge[];
  readonly reservations: readonly Reservation[];
}

export interface LedgerKey {
  readonly key: string;
  readonly arrivals: number;
  readonly applied: number;
  readonly distinctBodies: number;
  readonly conflicts: number;
}

export interface LedgerTotals {
  readonly heldMinor: number;
  readonly doubleCharges: number;
  readonly conflicts: number;
  readonly faults: number;
  readonly stock: {
    readonly initial: number;
    readonly available: number;
    readonly reserved: number;
  };
}

async function get<Body>(gateway: string, path: string): Promise<Body> {
  const response = await fetch(`${gateway}${path}`);
  if (!response.ok) throw new Error(`Expected ${path} to be answered, got ${response.status}.`);
  return (await response.json()) as Body;
}

export async function readOrders(gateway: string): Promise<ReadonlyMap<string, LedgerOrder>> {
  const orders = new Map<string, LedgerOrder>();
  let after: string | null = '';
  while (after !== null) {
    const query = new URLSearchParams({ after, limit: '500' });
    type Page = { readonly orders: readonly LedgerOrder[]; readonly next: string | null };
    const page: Page = await get(gateway, `/ledger/orders?${query}`);
    for (const order of page.orders) orders.set(order.orderId, order);
    after = page.next;
  }
  return orders;
}

export function readKey(gateway: string, key: string): Promise<LedgerKey> {
  return get(gateway, `/ledger/keys/${encodeURIComponent(key)}`);
}

export function readTotals(gateway: string): Promise<LedgerTotals> {
  return get(gateway, '/ledger');
}
