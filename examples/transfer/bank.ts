// Accounts on an engine, and the one thing to do with them: move money from one to another, both sides
// in one commit or none. What it reads, it reads of all accounts at one moment.

import { type Engine, openEngine, Rejected, type VirtualMachine, virtual } from 'sagawright';
import {
  ACCOUNT_PREFIX,
  type AccountContext,
  type AccountMachine,
  accountAddress,
  accountMachine,
  accountOf,
  type Transfer,
  transferMoney,
} from 'sagawright/machines';
import { memoryStore, sqliteStore } from 'sagawright/store';

export const CURRENCY = 'GBP';
export const OPENING_MINOR = 100_000;
export const ACCOUNTS: readonly string[] = ['current', 'savings', 'rent', 'travel', 'taxes'];

const accounts: VirtualMachine<AccountMachine> = virtual(accountMachine, {
  prefix: ACCOUNT_PREFIX,
  input: (id) => ({
    accountId: accountOf(id),
    currency: CURRENCY,
    openingMinor: OPENING_MINOR,
  }),
});

/** @param db a file; undefined: memory */
export function openBank(db: string | undefined): Promise<Engine> {
  const store = db === undefined ? memoryStore() : sqliteStore(db);
  return openEngine({ store, machines: [accounts] });
}

/**
 * Moves the money, once for its `transferId`, however often it is asked for.
 * @throws Rejected `INSUFFICIENT_FUNDS`, `NOT_ACCEPTED`: nothing has happened
 */
export async function transfer(engine: Engine, order: Transfer): Promise<void> {
  await engine.transact(
    (transaction) => {
      for (const { to, event } of transferMoney(order)) {
        const { status } = transaction.send<AccountMachine>(to, event);
        if (status !== 'rejected') continue;
        const code = event.type === 'account.debit' ? 'INSUFFICIENT_FUNDS' : 'NOT_ACCEPTED';
        throw new Rejected(code, { details: { account: to } });
      }
    },
    { key: order.transferId },
  );
}

/** All accounts as of one moment; one of which nobody has heard is as it will open. */
export async function readAccounts(engine: Engine): Promise<readonly AccountContext[]> {
  const snapshots = await engine.read(ACCOUNTS.map(accountAddress));
  return ACCOUNTS.map((accountId, index) => {
    const untouched: AccountContext = {
      accountId,
      currency: CURRENCY,
      openingMinor: OPENING_MINOR,
      balanceMinor: OPENING_MINOR,
      creditedMinor: 0,
      debitedMinor: 0,
    };
    return snapshots[index]?.context ?? untouched;
  });
}
