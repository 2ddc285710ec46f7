// A module as `sagawright check` reads it: one saga that is whole, one whose undo was forgotten, and a
// machine that is no saga.

import { effect, type SagaMachine, saga, sagaMeta } from 'sagawright';
import { type AnyStateMachine, createMachine, setup } from 'xstate';

const charge = effect<unknown, null>({ name: 'charge' });
const refund = effect<unknown, null>({ name: 'refund' });

export const whole: SagaMachine<unknown, object> = saga('whole')
  .step('payment', { run: charge, compensate: refund, input: () => null })
  .step('shipping', { run: charge, input: () => null })
  .build();

export const forgotten: AnyStateMachine = setup({ actors: { charge } }).createMachine({
  id: 'forgotten',
  initial: 'paying',
  states: {
    paying: {
      meta: sagaMeta({ step: 'payment', role: 'run' }),
      invoke: { src: 'charge', onDone: 'shipping', onError: 'failed' },
    },
    shipping: {
      meta: sagaMeta({ step: 'shipping', role: 'run', compensation: 'none' }),
      invoke: { src: 'charge', onDone: 'completed', onError: 'failed' },
    },
    completed: { type: 'final', meta: sagaMeta({ end: 'completed' }) },
    failed: { type: 'final' },
  },
});

export const lamp: AnyStateMachine = createMachine({ id: 'lamp' });
