// A saga that waits for people when a step fails, as `--machines` finds it: without any handler.

import { createOrder, type OrderMachine } from '../saga/order-saga.ts';

export const order: OrderMachine = createOrder({ onFailure: 'hold' });
