// Sagas as the builder and as people write them, for the tests of their pictures.

import { effect, saga } from 'sagawright';
import { orderSaga, refundSaga } from 'sagawright/machines';
import { type AnyStateMachine, fromPromise } from 'xstate';

const charge = effect<{ pence: number }, { id: string }>({ name: 'charge' });
const refund = effect<unknown, void>({ name: 'refund' });
const reserve = effect<{ pence: number }, { id: string }>({ name: 'reserve' });
const release = effect<unknown, void>({ name: 'release' });
const ship = effect<{ pence: number }, void>({ name: 'ship' });
const email = fromPromise<void, { pence: number }>(() => Promise.resolve());

const input = ({ input: { pence } }: { readonly input: { readonly pence: number } }) => ({ pence });

/** Payment and inventory side by side, then the pivot, then what cannot be undone. */
export const sideBySide: AnyStateMachine = saga<{ pence: number }>('side-by-side')
  .step('payment', { run: charge, compensate: refund, input, after: [] })
  .step('inventory', { run: reserve, compensate: release, input, after: [] })
  .pivot('shipping', { run: ship, input, after: ['payment', 'inventory'] })
  .step('email', { run: email, input, critical: false, after: ['shipping'] })
  .build();

/** One after the other, and a hold. */
export const inARow: AnyStateMachine = saga<{ pence: number }>('in-a-row', { onFailure: 'hold' })
  .step('payment', { run: charge, compensate: refund, input })
  .step('inventory', { run: reserve, compensate: release, input })
  .step('shipping', { run: ship, input })
  .build();

export const sagaCharts: readonly AnyStateMachine[] = [sideBySide, inARow, orderSaga, refundSaga];
