// The gateway in this process: a ledger file, the faults, and the server over them. For a gateway
// that a crash of this process must not touch, start it as a child (gateway-process.ts).

import { createFaults, type FaultOptions, noFaults } from './faults.ts';
import { openLedger } from './ledger.ts';
import type { LedgerTotals } from './ledger-reports.ts';
import { createServer } from './server.ts';

/** Only `db` is needed; without the rest nothing goes wrong on purpose. */
export interface GatewayOptions extends Partial<FaultOptions> {
  /** The ledger's file; created when it is not there. Not `:memory:`. */
  readonly db: string;
  /** On 127.0.0.1; 0, the default, takes any free one. */
  readonly port?: number;
}

export interface Gateway {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The sums over the committed ledger, as `GET /ledger` gives them. */
  ledger(): LedgerTotals;
  /** Answers what is being committed, ends all connections and closes the file. Twice is fine. */
  close(): Promise<void>;
}

/**
 * Opens the ledger and listens.
 * @throws LedgerError when the file is no ledger or not durable
 * @throws RangeError when a fault option is out of bounds
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { db, port = 0, ...faultOptions } = options;
  const faults = createFaults({ ...noFaults, ...faultOptions });
  const ledger = openLedger(db, faults);
  const server = createServer(ledger, faults);
  const shutDown = async (): Promise<void> => {
    await server.close();
    ledger.close();
  };
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= shutDown();
    return closed;
  };
  try {
    const url = await server.listen(port);
    return { url, close, ledger: () => ledger.reports.totals() };
  } catch (error) {
    await close();
    throw error;
  }
}
