// The views for people at an SQL prompt.

import { expect, it } from 'vitest';
import { commit, created } from '../../contract/store-records.ts';
import { databasePaths, opened, raw } from './store-files.ts';

const nextPath = databasePaths('views');

it('shows timers and effects of all actors, and skips pending text that is not JSON', async () => {
  const path = nextPath();
  const store = await opened(path);
  const pending = {
    timers: {
      'order.PENDING': {
        id: 'order.PENDING',
        generation: 2,
        dueAt: 1_700_000_000_500,
        event: { type: 'xstate.after.30000.order.PENDING' },
      },
      reminder: {
        id: 'reminder',
        generation: 1,
        dueAt: 1_700_000_001_000,
        event: { type: 'remind' },
        to: 'order-2',
      },
    },
    effects: {
      charge: {
        id: 'charge',
        src: 'chargeCard',
        key: 'order-1/3/charge',
        input: { amountMinor: 100 },
        attempt: 2,
        retryAt: 1_700_000_002_000,
      },
      ship: { id: 'ship', src: 'shipParcel', key: 'order-1/4/ship', input: null, attempt: 1 },
    },
  };
  await store.commit(
    commit({
      actors: [
        created('order-1', { pending: JSON.stringify(pending) }),
        created('order-2', { pending: 'not JSON' }),
        created('order-3'),
      ],
    }),
  );
  const db = raw(path, { readonly: true });
  db.pragma('trusted_schema = OFF');
  expect(db.prepare('SELECT * FROM v_timers ORDER BY due_at').all()).toEqual([
    {
      actor: 'order-1',
      timer: 'order.PENDING',
      generation: 2,
      due_at: 1_700_000_000_500,
      due: '2023-11-14T22:13:20.500Z',
      event_type: 'xstate.after.30000.order.PENDING',
      event: '{"type":"xstate.after.30000.order.PENDING"}',
      target: null,
      actor_status: 'active',
    },
    expect.objectContaining({ timer: 'reminder', target: 'order-2', event_type: 'remind' }),
  ]);
  expect(db.prepare('SELECT * FROM v_effects ORDER BY effect').all()).toEqual([
    {
      actor: 'order-1',
      effect: 'charge',
      src: 'chargeCard',
      key: 'order-1/3/charge',
      attempt: 2,
      retry_at: 1_700_000_002_000,
      retry: '2023-11-14T22:13:22.000Z',
      input: '{"amountMinor":100}',
      actor_status: 'active',
    },
    expect.objectContaining({ effect: 'ship', retry_at: null, retry: null }),
  ]);
  db.close();
  await store.close();
});
