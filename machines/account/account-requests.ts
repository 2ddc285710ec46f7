// A transfer as what its two accounts are told, for the callback of `engine.transact`. Sends nothing.

import type { AccountCommand, Movement } from './account-contract.ts';

/** What the ids of accounts start with. */
export const ACCOUNT_PREFIX = 'account-';

/** A command and whom it is for. */
export interface AccountRequest {
  readonly to: string;
  readonly event: AccountCommand;
}

/** Money from one account to another. */
export interface Transfer extends Movement {
  /** The account that pays: its `accountId`. */
  readonly from: string;
  /** The account that is paid: its `accountId`. */
  readonly to: string;
}

/** The address of an account. */
export function accountAddress(accountId: string): string {
  return `${ACCOUNT_PREFIX}${accountId}`;
}

/** The account's id of its address. */
export function accountOf(address: string): string {
  return address.slice(ACCOUNT_PREFIX.length);
}

/** The debit, which may be refused, then the credit. Both or none: throw when one is refused. */
export function transferMoney(transfer: Transfer): readonly AccountRequest[] {
  const { from, to, transferId, amountMinor, currency } = transfer;
  const movement = { transferId, amountMinor, currency };
  return [
    { to: accountAddress(from), event: { type: 'account.debit', ...movement } },
    { to: accountAddress(to), event: { type: 'account.credit', ...movement } },
  ];
}
