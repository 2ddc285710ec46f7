// The mails of one order as an aggregate: each under a key of its own, so that a call which is made
// again finds that its mail is there already. It sends none itself; a saga's calls do, and are recorded
// here. It never ends: an order may have something to tell for as long as it is kept. Pure.

import { produce } from 'immer';
import { assign, emit, setup, type UnknownActorLogic } from 'xstate';
import { isKey, isText } from '../identifiers.ts';
import type { WrittenMachine } from '../machine-type.ts';
import {
  createNotifications,
  MAX_NOTIFICATIONS,
  type Notification,
  type NotificationCommand,
  type NotificationContext,
  type NotificationFact,
  type NotificationInput,
} from './notification-contract.ts';

/** There is one: what differs from mail to mail is each mail's status. */
export type NotificationState = 'OPEN';

export type NotificationMachine = WrittenMachine<{
  context: NotificationContext;
  event: NotificationCommand;
  actors: Record<string, UnknownActorLogic>;
  delay: never;
  state: NotificationState;
  input: NotificationInput;
  output: undefined;
  emitted: NotificationFact;
}>;

interface Queued {
  readonly key: string;
  readonly kind: string;
  readonly to: string;
}

/** What a queued mail becomes. */
interface Settlement extends Pick<Notification, 'status' | 'mailId' | 'reason'> {
  readonly key: string;
}

function isQueued({ notifications }: NotificationContext, key: string): boolean {
  return Object.hasOwn(notifications, key) && notifications[key]?.status === 'queued';
}

const notificationSetup = setup({
  types: {} as {
    context: NotificationContext;
    events: NotificationCommand;
    input: NotificationInput;
    output: undefined;
    emitted: NotificationFact;
  },
  guards: {
    isNew: ({ context: { notifications } }, { key, kind, to }: Queued) =>
      isKey(key) &&
      isText(kind) &&
      isText(to) &&
      !Object.hasOwn(notifications, key) &&
      Object.keys(notifications).length < MAX_NOTIFICATIONS,
    isQueued: ({ context }, { key }: { key: string }) => isQueued(context, key),
    isSent: ({ context }, { key, mailId }: { key: string; mailId: string }) =>
      isQueued(context, key) && isText(mailId),
    isFailed: ({ context }, { key, reason }: { key: string; reason: string }) =>
      isQueued(context, key) && isText(reason),
  },
  actions: {
    queue: assign(({ context }, { key, kind, to }: Queued) =>
      produce(context, ({ notifications }) => {
        notifications[key] = { kind, to, status: 'queued', mailId: null, reason: null };
      }),
    ),
    settle: assign(({ context }, { key, ...settlement }: Settlement) =>
      produce(context, ({ notifications }) => {
        Object.assign(notifications[key] ?? {}, settlement);
      }),
    ),
  },
});

/** The mails of one order, started under `notifications-<orderId>`. */
export const notificationMachine: NotificationMachine = notificationSetup.createMachine({
  id: 'notifications',
  version: '1',
  context: ({ input }) => createNotifications(input),
  initial: 'OPEN',
  states: {
    OPEN: {
      on: {
        'notification.queue': {
          guard: { type: 'isNew', params: ({ event }) => event },
          actions: [
            { type: 'queue', params: ({ event }) => event },
            emit(({ context: { orderId }, event: { key, kind, to } }) => ({
              type: 'notification.queued',
              orderId,
              key,
              kind,
              to,
            })),
          ],
        },
        'notification.sent': {
          guard: { type: 'isSent', params: ({ event }) => event },
          actions: [
            {
              type: 'settle',
              params: ({ event: { key, mailId } }) => ({
                key,
                status: 'sent',
                mailId,
                reason: null,
              }),
            },
            emit(({ context: { orderId }, event: { key, mailId } }) => ({
              type: 'notification.sent',
              orderId,
              key,
              mailId,
            })),
          ],
        },
        'notification.fail': {
          guard: { type: 'isFailed', params: ({ event }) => event },
          actions: [
            {
              type: 'settle',
              params: ({ event: { key, reason } }) => ({
                key,
                status: 'failed',
                mailId: null,
                reason,
              }),
            },
            emit(({ context: { orderId }, event: { key, reason } }) => ({
              type: 'notification.failed',
              orderId,
              key,
              reason,
            })),
          ],
        },
        'notification.cancel': {
          guard: { type: 'isQueued', params: ({ event }) => event },
          actions: [
            {
              type: 'settle',
              params: ({ event: { key } }) => ({
                key,
                status: 'cancelled',
                mailId: null,
                reason: null,
              }),
            },
            emit(({ context: { orderId }, event: { key } }) => ({
              type: 'notification.cancelled',
              orderId,
              key,
            })),
          ],
        },
      },
    },
  },
});
