// What a fulfilment saga is started with, and the check of it: the order that it drives, and all that
// its calls are made of. Never knows which steps there are.

import type { StandardSchema } from 'sagawright';
import { isText } from '../identifiers.ts';
import { createFieldCheck } from '../input-check.ts';
import type { OrderItem, ShippingAddress } from '../order/order-contract.ts';
import { checkOrderFields } from '../order/order-fields.ts';

export interface FulfilmentInput {
  /** The address of the order that it drives; the order must be there, in PENDING. */
  readonly orderId: string;
  /** The addresses that the payment and the shipment are kept under. */
  readonly paymentId: string;
  readonly shipmentId: string;
  /** Where mails go. */
  readonly customerEmail: string;
  /** ISO 4217: three capital letters. */
  readonly currency: string;
  /** What is charged, in minor units; a positive integer. */
  readonly totalMinor: number;
  /** What is reserved and sent. */
  readonly items: readonly OrderItem[];
  readonly shippingAddress?: ShippingAddress;
}

/** Passes what a fulfilment saga can be run with; its issue names the field, what was expected and got. */
export const FULFILMENT_INPUT: StandardSchema<FulfilmentInput> = createInputCheck(
  'fulfilment saga',
  (input: FulfilmentInput, what) => {
    checkOrderFields(what, input);
    const expect = createFieldCheck(what);
    const { paymentId, shipmentId, customerEmail } = input;
    expect(isText(paymentId), 'paymentId', 'the id of the payment', paymentId);
    expect(isText(shipmentId), 'shipmentId', 'the id of the shipment', shipmentId);
    expect(isEmail(customerEmail), 'customerEmail', 'an e-mail address', customerEmail);
  },
);

/**
 * A check that throws as a schema that a saga takes.
 * @param check throws TypeError for what does not fit
 */
export function createInputCheck<Input>(
  what: string,
  check: (input: Input, what: string) => void,
): StandardSchema<Input> {
  return {
    '~standard': {
      version: 1,
      vendor: 'sagawright',
      validate: (value) => {
        try {
          if (typeof value !== 'object' || value === null) {
            throw new TypeError(`${what}: expected its input to be an object, got ${value}.`);
          }
          const input = value as Input;
          check(input, what);
          return { value: input };
        } catch (error) {
          if (!(error instanceof TypeError)) throw error;
          return { issues: [{ message: error.message }] };
        }
      },
    },
  };
}

/** Something on both sides of one at-sign: more only the post can know. */
export function isEmail(value: unknown): value is string {
  return isText(value) && /^[^\s@]+@[^\s@]+$/.test(value);
}
