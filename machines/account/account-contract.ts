// What an account is told, what it tells, and what it remembers. Money is in integer minor units of one
// currency. Commands are requests and may be refused; facts have happened. Never holds behaviour beyond
// checking what it is started with.

import { isPositiveInteger, isText } from '../identifiers.ts';
import { isCurrency } from '../money.ts';

/** What an account is started with. */
export interface AccountInput {
  readonly accountId: string;
  /** ISO 4217. */
  readonly currency: string;
  /** What is on it at first, in minor units; 0 or a positive integer. Default 0. */
  readonly openingMinor?: number;
}

/** At every moment: `openingMinor + creditedMinor - debitedMinor = balanceMinor`, never negative. */
export interface AccountContext extends Required<AccountInput> {
  readonly balanceMinor: number;
  /** All that ever came in. */
  readonly creditedMinor: number;
  /** All that ever went out. */
  readonly debitedMinor: number;
}

/** Money that moves, and what for. */
export interface Movement {
  /** Names the transfer on both of its sides. */
  readonly transferId: string;
  /** A positive integer. */
  readonly amountMinor: number;
  /** The account's own: another one is refused. */
  readonly currency: string;
}

/** What an account can be told. It refuses a debit that is not covered. */
export type AccountCommand =
  | ({ readonly type: 'account.credit' } & Movement)
  | ({ readonly type: 'account.debit' } & Movement)
  /** Only when nothing is left on it; for good. */
  | { readonly type: 'account.close' };

/** Money that has moved, and the balance that came of it. */
export interface MovementFact extends Movement {
  readonly type: 'account.credited' | 'account.debited';
  readonly accountId: string;
  readonly balanceMinor: number;
}

export type AccountFact =
  | MovementFact
  | { readonly type: 'account.closed'; readonly accountId: string };

/** @throws TypeError for an input that is no account, naming the field */
export function checkAccountInput(input: AccountInput): Required<AccountInput> {
  const { accountId, currency, openingMinor = 0 } = input;
  const expect = (isFit: boolean, field: string, expected: string, got: unknown): void => {
    if (isFit) return;
    throw new TypeError(
      `account: expected ${field} to be ${expected}, got ${JSON.stringify(got)}.`,
    );
  };
  const isAmount = openingMinor === 0 || isPositiveInteger(openingMinor);
  expect(isText(accountId), 'accountId', "the account's id", accountId);
  expect(isCurrency(currency), 'currency', 'an ISO 4217 code such as GBP', currency);
  expect(isAmount, 'openingMinor', '0 or a positive integer of minor units', openingMinor);
  return { accountId, currency, openingMinor };
}
