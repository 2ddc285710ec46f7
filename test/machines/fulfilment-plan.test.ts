// Plans that could not be carried out or undone are refused when the saga is made, and inputs that are no
// order to fulfil when it is started.

import {
  AUTHORIZE_CAPTURE_PLAN,
  CONFIGURED_PLAN,
  cancellationSaga,
  createCancellationSaga,
  createFulfilmentSaga,
  type FulfilmentPlan,
  type FulfilmentStep,
  PARALLEL_PLAN,
  PAYMENT_FIRST_PLAN,
  paymentFirstSaga,
  returnSaga,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { cancellationInput, fulfilmentInput, returnInput } from './fulfilment-world.ts';

function plan(changes: Partial<FulfilmentPlan>): () => unknown {
  return () => createFulfilmentSaga({ ...PAYMENT_FIRST_PLAN, ...changes });
}
const steps = (...names: FulfilmentPlan['steps']): (() => unknown) => plan({ steps: names });

describe('a fulfilment plan', () => {
  it.each([
    ['an unknown step', steps('order', 'prayer' as FulfilmentStep), /to be one of order, payment/],
    ['a step twice', steps('order', 'payment', 'payment', 'confirmation'), /each step once/],
    ['no order first', steps('payment', 'inventory', 'confirmation'), /the step order first/],
    ['no confirmation', steps('order', 'payment', 'inventory'), /the step confirmation/],
    ['no payment', steps('order', 'inventory', 'confirmation'), /payment or authorization before/],
    ['no inventory', steps('order', 'payment', 'confirmation'), /inventory before confirmation/],
    [
      'two ways to pay',
      steps('order', 'payment', 'authorization', 'inventory', 'capture', 'confirmation'),
      /payment or authorization, not both/,
    ],
    [
      'a capture of nothing',
      steps('order', 'payment', 'capture', 'inventory', 'confirmation'),
      /authorization before capture/,
    ],
    [
      'an authorization that is never captured',
      steps('order', 'authorization', 'inventory', 'confirmation'),
      /capture, as there is an authorization/,
    ],
    [
      'an undo behind the pivot',
      steps('order', 'payment', 'inventory', 'confirmation', 'shipment'),
      /shipment before the pivot/,
    ],
    [
      'no way back before the pivot',
      plan({ ...AUTHORIZE_CAPTURE_PLAN, pivot: 'confirmation' }),
      /capture behind the pivot/,
    ],
    ['a pivot that it lacks', plan({ pivot: 'capture' }), /the pivot to be one of its steps/],
    ['a pivot that can be undone', plan({ pivot: 'payment' }), /a pivot that binds/],
    [
      'a mail as a pivot',
      plan({ ...AUTHORIZE_CAPTURE_PLAN, pivot: 'receipt' }),
      /a pivot that binds/,
    ],
    ['an optional payment', plan({ optional: ['payment'] }), /only mails to be optional/],
    ['an optional step that it lacks', plan({ optional: ['receipt'] }), /that the plan has/],
    [
      'one step by its own side',
      steps('order', ['payment'], 'inventory', 'confirmation'),
      /two or more steps side by side/,
    ],
    [
      'two lists',
      plan({
        ...PARALLEL_PLAN,
        steps: [
          'order',
          ['payment', 'inventory'],
          ['shipment', 'confirmationMail'],
          'confirmation',
        ],
        optional: [],
      }),
      /one list of steps/,
    ],
    [
      'a pivot that does not run alone',
      plan({ steps: ['order', 'payment', 'inventory', ['confirmation', 'receipt']] }),
      /the pivot to run alone/,
    ],
  ])('with %s is refused', (_, create, message) => {
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  it('takes its times from the configuration, and has others by default', () => {
    expect(CONFIGURED_PLAN()).toMatchObject({
      deadline: 300_000,
      calls: { retry: { attempts: 3, initial: 5_000, max: 5_000 } },
      compensations: { timeout: 60_000 },
    });
    const times = { timeoutMs: 1, retryAttempts: 2, retryDelayMs: 3, compensationTimeoutMs: 4 };
    expect(CONFIGURED_PLAN(times)).toMatchObject({
      deadline: 1,
      calls: { retry: { attempts: 2, initial: 3, max: 3 } },
      compensations: { timeout: 4 },
    });
  });
});

describe('a cancellation plan', () => {
  it.each([
    ['an unknown step', ['prayer', 'order'], /to be one of shipment/],
    ['a step twice', ['refund', 'refund', 'order'], /each step once/],
    ['no order', ['refund'], /the step order/],
    ['the order told too early', ['order', 'refund'], /nothing behind it but a mail/],
    ['a mail first', ['mail', 'order'], /a first step that binds/],
  ])('with %s is refused', (_, names, message) => {
    const create = (): unknown => createCancellationSaga({ id: 'c', steps: names as never });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });
});

describe('the input of a saga', () => {
  const whole = { ...cancellationInput, feeMinor: cancellationInput.capturedMinor };
  it.each([
    [
      'a fulfilment without e-mail',
      paymentFirstSaga,
      { ...fulfilmentInput, customerEmail: 'x' },
      /customerEmail/,
    ],
    [
      'a fulfilment without payment',
      paymentFirstSaga,
      { ...fulfilmentInput, paymentId: '' },
      /paymentId/,
    ],
    ['a fulfilment of nothing', paymentFirstSaga, null, /to be an object, got null/],
    [
      'a fulfilment for nothing',
      paymentFirstSaga,
      { ...fulfilmentInput, totalMinor: 0 },
      /totalMinor/,
    ],
    ['a cancellation that pays nothing back', cancellationSaga, whole, /feeMinor to be less/],
    [
      'a cancellation without reason',
      cancellationSaga,
      { ...cancellationInput, reason: ' ' },
      /reason/,
    ],
    [
      'a return that is never looked at',
      returnSaga,
      { ...returnInput, inspectionMs: 0 },
      /inspectionMs/,
    ],
  ])('is refused for %s', (_, machine, input, message) => {
    const actor = createActor(machine, { input: input as never });
    expect(actor.getSnapshot().status).toBe('error');
    expect(String(actor.getSnapshot().error)).toMatch(message);
  });

  it('may leave nothing to pay back where the plan has no refund', () => {
    const machine = createCancellationSaga({ id: 'c', steps: ['inventory', 'order'] });
    const actor = createActor(machine, { input: whole });
    expect(actor.getSnapshot().status).toBe('active');
  });
});
