// An account as a statechart: a balance that credits and debits change, never below zero. It knows its
// own side of a transfer only; `engine.transact` moves both sides in one commit. Pure.

import { assign, emit, setup, type UnknownActorLogic } from 'xstate';
import { isPositiveInteger, isText } from '../identifiers.ts';
import type { WrittenMachine } from '../machine-type.ts';
import {
  type AccountCommand,
  type AccountContext,
  type AccountFact,
  type AccountInput,
  checkAccountInput,
  type Movement,
  type MovementFact,
} from './account-contract.ts';

export type AccountState = 'OPEN' | 'CLOSED';

export type AccountMachine = WrittenMachine<{
  context: AccountContext;
  event: AccountCommand;
  actors: Record<string, UnknownActorLogic>;
  delay: never;
  state: AccountState;
  input: AccountInput;
  output: undefined;
  emitted: AccountFact;
}>;

/** @throws TypeError for an input that is no account */
function createAccount(input: AccountInput): AccountContext {
  const checked = checkAccountInput(input);
  return { ...checked, balanceMinor: checked.openingMinor, creditedMinor: 0, debitedMinor: 0 };
}

function isMovement(
  { currency }: AccountContext,
  { transferId, amountMinor, currency: given }: Movement,
): boolean {
  return isText(transferId) && isPositiveInteger(amountMinor) && given === currency;
}

const accountSetup = setup({
  types: {} as {
    context: AccountContext;
    events: AccountCommand;
    input: AccountInput;
    output: undefined;
    emitted: AccountFact;
  },
  guards: {
    // What came in is never below the balance, so neither of the sums leaves the safe integers.
    isCreditable: ({ context }, movement: Movement) =>
      isMovement(context, movement) &&
      Number.isSafeInteger(context.openingMinor + context.creditedMinor + movement.amountMinor),
    isCovered: ({ context }, movement: Movement) =>
      isMovement(context, movement) && movement.amountMinor <= context.balanceMinor,
    isEmpty: ({ context }) => context.balanceMinor === 0,
  },
  actions: {
    credit: assign({
      balanceMinor: ({ context }, { amountMinor }: Movement) => context.balanceMinor + amountMinor,
      creditedMinor: ({ context }, { amountMinor }: Movement) =>
        context.creditedMinor + amountMinor,
    }),
    debit: assign({
      balanceMinor: ({ context }, { amountMinor }: Movement) => context.balanceMinor - amountMinor,
      debitedMinor: ({ context }, { amountMinor }: Movement) => context.debitedMinor + amountMinor,
    }),
    tellMovement: emit(
      ({ context }, movement: Omit<MovementFact, 'accountId' | 'balanceMinor'>) => {
        const { accountId, balanceMinor } = context;
        return { ...movement, accountId, balanceMinor };
      },
    ),
  },
});

const describeMovement = ({ transferId, amountMinor, currency }: Movement): Movement => ({
  transferId,
  amountMinor,
  currency,
});

/**
 * An account, started under the id that `accountId` gives, or a virtual actor: `virtual(accountMachine,
 * { prefix: ACCOUNT_PREFIX, input: (id) => ({ accountId: accountOf(id), currency: 'GBP' }) })`.
 */
export const accountMachine: AccountMachine = accountSetup.createMachine({
  id: 'account',
  version: '1',
  context: ({ input }) => createAccount(input),
  initial: 'OPEN',
  states: {
    OPEN: {
      on: {
        'account.credit': {
          guard: { type: 'isCreditable', params: ({ event }) => event },
          actions: [
            { type: 'credit', params: ({ event }) => event },
            {
              type: 'tellMovement',
              params: ({ event }) => ({ type: 'account.credited', ...describeMovement(event) }),
            },
          ],
        },
        'account.debit': {
          guard: { type: 'isCovered', params: ({ event }) => event },
          actions: [
            { type: 'debit', params: ({ event }) => event },
            {
              type: 'tellMovement',
              params: ({ event }) => ({ type: 'account.debited', ...describeMovement(event) }),
            },
          ],
        },
        'account.close': { guard: 'isEmpty', target: 'CLOSED' },
      },
    },
    CLOSED: {
      type: 'final',
      entry: emit(({ context: { accountId } }) => ({ type: 'account.closed', accountId })),
    },
  },
});
