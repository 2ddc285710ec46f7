// An account on its own, stepped as the pure function that it is: what it takes and refuses, what it
// says happened, and that its books add up and never fall below zero.

import fc from 'fast-check';
import {
  type AccountCommand,
  type AccountInput,
  accountAddress,
  accountMachine,
  accountOf,
  transferMoney,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { coverChart } from '../support/chart-coverage.ts';
import { checkProperty } from '../unit/seeds.ts';

type Account = SnapshotFrom<typeof accountMachine>;

const move = (
  type: 'account.credit' | 'account.debit',
  amountMinor: number,
  currency = 'GBP',
): AccountCommand => ({ type, transferId: 'transfer-1', amountMinor, currency });
const credit = (amountMinor: number, currency?: string): AccountCommand =>
  move('account.credit', amountMinor, currency);
const debit = (amountMinor: number, currency?: string): AccountCommand =>
  move('account.debit', amountMinor, currency);
const close: AccountCommand = { type: 'account.close' };

function startAccount(openingMinor: number): Account {
  return initialTransition(accountMachine, { accountId: 'a', currency: 'GBP', openingMinor })[0];
}

/** What it becomes, and what it tells. */
function tell(account: Account, command: AccountCommand): [Account, readonly unknown[]] {
  const [next, actions] = transition(accountMachine, account, command);
  const told: readonly { readonly type: string; readonly params?: unknown }[] = actions;
  return [next, told.map(({ params }) => (params as { readonly event: unknown }).event)];
}

describe('an account', () => {
  it('adds credits, takes debits, and tells both with the balance that came of them', () => {
    const [credited, creditFacts] = tell(startAccount(100), credit(50));
    const [debited, debitFacts] = tell(credited, debit(150));
    const movement = { transferId: 'transfer-1', currency: 'GBP', accountId: 'a' };
    expect([...creditFacts, ...debitFacts]).toEqual([
      { ...movement, type: 'account.credited', amountMinor: 50, balanceMinor: 150 },
      { ...movement, type: 'account.debited', amountMinor: 150, balanceMinor: 0 },
    ]);
    expect(debited.context).toEqual({
      accountId: 'a',
      currency: 'GBP',
      openingMinor: 100,
      balanceMinor: 0,
      creditedMinor: 50,
      debitedMinor: 150,
    });
  });

  it('closes when nothing is left on it, and takes no money then', () => {
    expect(startAccount(1).can(close)).toBe(false);
    const [closed, facts] = tell(startAccount(0), close);
    expect(closed).toMatchObject({ value: 'CLOSED', status: 'done' });
    expect(facts).toEqual([{ type: 'account.closed', accountId: 'a' }]);
    expect(closed.can(credit(1))).toBe(false);
  });

  it('opens empty when nothing else is said', () => {
    const input: AccountInput = { accountId: 'a', currency: 'JPY' };
    expect(initialTransition(accountMachine, input)[0].context.balanceMinor).toBe(0);
  });

  it.each<[string, AccountCommand]>([
    ['a debit that is not covered', debit(101)],
    ['to move nothing', debit(0)],
    ['a credit of less than nothing', credit(-1)],
    ['half a penny', credit(0.5)],
    ['another currency', credit(1, 'EUR')],
    ['a debit in another currency', debit(1, 'EUR')],
    ['a movement that nothing names', { ...credit(1), transferId: '' } as AccountCommand],
    ['a credit that numbers cannot count any more', credit(Number.MAX_SAFE_INTEGER - 99)],
  ])('refuses %s', (_what, command) => {
    expect(startAccount(100).can(command)).toBe(false);
  });

  it.each<[string, unknown]>([
    ['accountId', { accountId: '', currency: 'GBP' }],
    ['currency', { accountId: 'a', currency: 'pounds' }],
    ['openingMinor', { accountId: 'a', currency: 'GBP', openingMinor: -1 }],
  ])('is not opened with a wrong %s, and names it', (field, input) => {
    const [{ status, error }] = initialTransition(accountMachine, input as AccountInput);
    expect(status).toBe('error');
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(new RegExp(`expected ${field} to be .*, got `));
  });

  it('keeps books that add up, whatever it is told', () => {
    const amounts = fc.integer({ min: -5, max: 200 });
    const commands = fc.oneof(
      amounts.map((amount) => credit(amount)),
      amounts.map((amount) => debit(amount)),
    );
    checkProperty(
      fc.property(fc.nat(300), fc.array(commands, { maxLength: 50 }), (openingMinor, sequence) => {
        // The independent book: a list of what moved, summed up anew each time.
        const moved: number[] = [openingMinor];
        const balance = (): number => moved.reduce((sum, amount) => sum + amount, 0);
        let account = startAccount(openingMinor);
        for (const command of sequence) {
          if (command.type === 'account.close') continue;
          const { type, amountMinor } = command;
          const isFit = amountMinor > 0 && (type === 'account.credit' || amountMinor <= balance());
          expect(account.can(command)).toBe(isFit);
          [account] = tell(account, command);
          if (isFit) moved.push(type === 'account.credit' ? amountMinor : -amountMinor);
          const { balanceMinor, creditedMinor, debitedMinor } = account.context;
          expect(balanceMinor).toBe(balance());
          expect(balanceMinor).toBeGreaterThanOrEqual(0);
          expect(openingMinor + creditedMinor - debitedMinor).toBe(balanceMinor);
        }
      }),
      300,
    );
  });
});

describe('a transfer', () => {
  it('is a debit, then a credit, under one name', () => {
    const movement = { transferId: 'transfer-1', amountMinor: 5, currency: 'GBP' };
    expect(transferMoney({ from: 'a', to: 'b', ...movement })).toEqual([
      { to: 'account-a', event: { type: 'account.debit', ...movement } },
      { to: 'account-b', event: { type: 'account.credit', ...movement } },
    ]);
    expect(accountOf(accountAddress('a'))).toBe('a');
  });
});

describe('the chart of an account', () => {
  it('is walked whole', () => {
    const coverage = coverChart(accountMachine, {
      inputs: [{ accountId: 'a', currency: 'GBP', openingMinor: 2 }],
      events: ({ context }) => [...(context.creditedMinor < 3 ? [credit(1)] : []), debit(2), close],
    });
    console.log(coverage.line);
    expect(coverage.missing).toEqual([]);
  });
});
