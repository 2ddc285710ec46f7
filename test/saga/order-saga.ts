// The saga that most tests of rules use: payment, then stock, then shipping, in variants.

import { effect, type SagaMachine, type SagaOptions, saga } from 'sagawright';

export const CALLS: readonly string[] = [
  'pay',
  'pay.compensate',
  'reserve',
  'reserve.compensate',
  'ship',
];

export type OrderMachine = SagaMachine<
  unknown,
  Readonly<Record<'pay' | 'reserve' | 'ship', unknown>>
>;

const patient = { timeout: '9h' } as const;

export function createOrder(
  options: SagaOptions<unknown> = {},
  pay: Parameters<typeof effect>[0] = patient,
): OrderMachine {
  return saga<unknown>('order', options)
    .step('pay', {
      run: effect<unknown, unknown>(pay),
      compensate: effect<unknown, unknown>(patient),
      input: ({ input }) => ({ order: input }),
    })
    .step('reserve', {
      run: effect<unknown, unknown>(patient),
      compensate: effect<unknown, unknown>(patient),
      input: () => ({ sku: 'tea' }),
    })
    .step('ship', { run: effect<unknown, unknown>(patient), input: () => ({}) })
    .build();
}

/** With a pivot between stock and shipping. */
export function createCapture(
  options: SagaOptions<unknown> = {},
): SagaMachine<unknown, Readonly<Record<'pay' | 'capture' | 'ship', unknown>>> {
  return saga<unknown>('capture-order', options)
    .step('pay', {
      run: effect<unknown, unknown>(patient),
      compensate: effect<unknown, unknown>(patient),
      input: () => ({}),
    })
    .pivot('capture', { run: effect<unknown, unknown>(patient), input: () => ({}) })
    .step('ship', { run: effect<unknown, unknown>(patient), input: () => ({}) })
    .build();
}

export const CAPTURE_CALLS: readonly string[] = ['pay', 'pay.compensate', 'capture', 'ship'];
