import { effect, type HandlerOf, openEngine } from 'sagawright';
import { sqliteStore } from 'sagawright/store';
import { setup } from 'xstate';

const chargeCard = effect<{ pence: number }, string>({ timeout: '10s', retry: { attempts: 5 } });
const order = setup({ actors: { chargeCard } }).createMachine({
  id: 'order',
  initial: 'OPEN',
  states: {
    OPEN: { on: { 'order.pay': 'PAYING' } },
    PAYING: { invoke: { src: 'chargeCard', input: { pence: 1250 }, onDone: 'PAID', onError: 'UNPAID' } },
    PAID: { type: 'final' },
    UNPAID: { type: 'final' },
  },
});
const charge: HandlerOf<typeof chargeCard> = async ({ input, key }) => `${input.pence} under ${key}`;
const handlers = { chargeCard: charge };

await using engine = await openEngine({ store: sqliteStore('shop.db'), machines: [order], handlers });
const actor = await engine.start(order, { id: 'order-1', ifExists: 'attach' });
console.log(await actor.send({ type: 'order.pay' }, { key: 'pay-1' })); // resolves once on disk
console.log((await actor.waitFor('PAID')).value);
