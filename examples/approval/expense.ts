// The saga of an expense: the amount is set aside from the budget, a person approves it, it is paid out.
// Below the limit nobody is asked. `sagawright check examples/approval/expense.ts` proves both.

import {
  type CheckOptions,
  type EffectLogic,
  effect,
  type SagaMachine,
  saga,
  type Undoes,
} from 'sagawright';
import { type ApprovalOutput, approvalMachine } from 'sagawright/machines';

/** From this amount on a person is asked, in cents. */
export const LIMIT_MINOR = 50_000;

export interface Expense {
  readonly expenseId: string;
  /** What for, in words. */
  readonly what: string;
  /** In cents; a positive integer. */
  readonly amountMinor: number;
  /** How long a decision is waited for, in milliseconds; a positive integer. */
  readonly decisionMs: number;
}

export interface SetAsideRequest {
  readonly expenseId: string;
  readonly amountMinor: number;
}

export interface SetAside {
  /** The key that it ran under: what a payment names. */
  readonly budgetKey: string;
}

export interface ReleaseRequest {
  readonly undoes: Undoes<SetAsideRequest, SetAside>;
}

export interface PayRequest {
  readonly expenseId: string;
  readonly budgetKey: string;
}

const QUICK = {
  timeout: '1s',
  retry: { attempts: 3, initial: 10, backoff: 'constant', jitter: false },
} as const;

/** What the payment is made of, in both sagas. */
interface PaymentArgs {
  readonly input: Expense;
  readonly results: { readonly budget: SetAside };
}

const setAside: EffectLogic<SetAsideRequest, SetAside> = effect({ ...QUICK, name: 'setAside' });
const release: EffectLogic<ReleaseRequest, null> = effect({ ...QUICK, name: 'release' });
const payOut: EffectLogic<PayRequest, null> = effect({ ...QUICK, name: 'payOut' });

const budget = {
  states: ['BUDGETING', 'BUDGETED'],
  run: setAside,
  input: ({ input: { expenseId, amountMinor } }: { readonly input: Expense }): SetAsideRequest => ({
    expenseId,
    amountMinor,
  }),
  compensate: release,
} as const;

const payment = {
  run: payOut,
  input: ({ input: { expenseId }, results: { budget } }: PaymentArgs): PayRequest => ({
    expenseId,
    budgetKey: budget.budgetKey,
  }),
  states: ['PAYING', 'PAID'],
} as const;

interface Paid {
  readonly budget: SetAside;
  readonly payment: null;
}

export type ExpenseSaga = SagaMachine<Expense, Paid>;

export const smallExpense: ExpenseSaga = saga<Expense>('small-expense')
  .step('budget', budget)
  .pivot('payment', payment)
  .build();

/** The approval is a child, `<id>/approval`, that takes `approval.approve` and `approval.reject`. */
export const largeExpense: SagaMachine<Expense, Paid & { readonly approval: ApprovalOutput }> =
  saga<Expense>('large-expense')
    .step('budget', budget)
    .step('approval', {
      run: approvalMachine,
      input: ({ input: { expenseId, what, decisionMs } }) => ({
        approvalId: expenseId,
        subject: `${expenseId}, ${what}`,
        expiresAfterMs: decisionMs,
      }),
      states: ['AWAITING_APPROVAL', 'APPROVED'],
    })
    .pivot('payment', payment)
    .build();

const aside: readonly SetAside[] = [{ budgetKey: 'k' }];
const ends = ['completed', 'compensated'].map((status) => ({
  status,
  failure: null,
  resolution: null,
}));

/** @public for `sagawright check` */
export const checkOptions: Readonly<Record<string, CheckOptions>> = {
  smallExpense: { outputs: { setAside: aside } },
  largeExpense: { outputs: { setAside: aside, approval: ends } },
};
