// The books, held against the journal: what each account says it has, against the movements that were
// recorded one by one. It asks no account to add anything up, and repairs nothing. Pure.

import type { AccountContext, MovementFact } from 'sagawright/machines';

export interface Books {
  /** Movements recorded, both sides of each transfer. */
  readonly movements: number;
  readonly totalMinor: number;
  /** What does not add up, as sentences; empty when the books balance. */
  readonly problems: readonly string[];
}

/** @param facts every movement that the journal has, in any order */
export function checkBooks(
  accounts: readonly AccountContext[],
  facts: readonly MovementFact[],
): Books {
  const problems = [
    ...accounts.flatMap((account) => checkAccount(account, facts)),
    ...checkSides(facts),
  ];
  const totalMinor = sum(accounts.map(({ balanceMinor }) => balanceMinor));
  const openedMinor = sum(accounts.map(({ openingMinor }) => openingMinor));
  if (totalMinor !== openedMinor) {
    problems.push(`The accounts opened with ${openedMinor} and hold ${totalMinor}.`);
  }
  return { movements: facts.length, totalMinor, problems };
}

function checkAccount(account: AccountContext, facts: readonly MovementFact[]): readonly string[] {
  const { accountId, openingMinor, balanceMinor } = account;
  const own = facts.filter((fact) => fact.accountId === accountId);
  const movedMinor = sum(own.map(signed));
  const problems: string[] = [];
  if (openingMinor + movedMinor !== balanceMinor) {
    problems.push(
      `${accountId} holds ${balanceMinor}, its movements say ${openingMinor + movedMinor}.`,
    );
  }
  if (balanceMinor < 0) problems.push(`${accountId} is below zero: ${balanceMinor}.`);
  return problems;
}

/** Each transfer has a debit and a credit of one amount, and no more. */
function checkSides(facts: readonly MovementFact[]): readonly string[] {
  const transfers = new Map<string, MovementFact[]>();
  for (const fact of facts) {
    const sides = transfers.get(fact.transferId) ?? [];
    transfers.set(fact.transferId, [...sides, fact]);
  }
  return [...transfers]
    .filter(([, sides]) => sides.length !== 2 || sum(sides.map(signed)) !== 0)
    .map(
      ([transferId, sides]) =>
        `${transferId} has ${sides.length} sides, which leave ${sum(sides.map(signed))}.`,
    );
}

function signed({ type, amountMinor }: MovementFact): number {
  return type === 'account.credited' ? amountMinor : -amountMinor;
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((all, amount) => all + amount, 0);
}
