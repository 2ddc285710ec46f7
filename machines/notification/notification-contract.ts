// What the mails of an order are told, what they tell, and what is remembered of them. Commands are
// requests and may be refused; facts have happened. `notification.sent` is both: the mail service's
// news, and what is then so. Never holds behaviour beyond checking what comes in.

import { isText } from '../identifiers.ts';
import { createFieldCheck } from '../input-check.ts';

/** What the mails of an order are started with, under the id `notifications-<orderId>`. */
export interface NotificationInput {
  readonly orderId: string;
}

/** One mail. All but a queued one are settled for good. */
export interface Notification {
  /** What it is about: `confirmation`, `cancellation`. */
  readonly kind: string;
  readonly to: string;
  readonly status: 'queued' | 'sent' | 'failed' | 'cancelled';
  /** The mail service's own id of it, once it is sent. */
  readonly mailId: string | null;
  /** Why it failed. */
  readonly reason: string | null;
}

export interface NotificationContext extends NotificationInput {
  /** By its key: the idempotency key of the call that sends it. One key is one mail, for good. */
  readonly notifications: Readonly<Record<string, Notification>>;
}

/** What the mails can be told. What does not fit a mail's status is refused. */
export type NotificationCommand =
  | {
      readonly type: 'notification.queue';
      readonly key: string;
      readonly kind: string;
      readonly to: string;
    }
  | { readonly type: 'notification.sent'; readonly key: string; readonly mailId: string }
  | { readonly type: 'notification.fail'; readonly key: string; readonly reason: string }
  /** Only what is queued can still be kept back. */
  | { readonly type: 'notification.cancel'; readonly key: string };

/** What has happened to a mail, for whoever listens. */
export type NotificationFact = NotificationInput & { readonly key: string } & (
    | { readonly type: 'notification.queued'; readonly kind: string; readonly to: string }
    | { readonly type: 'notification.sent'; readonly mailId: string }
    | { readonly type: 'notification.failed'; readonly reason: string }
    | { readonly type: 'notification.cancelled' }
  );

/** Mails that one order can have; bounds its row. */
export const MAX_NOTIFICATIONS = 200;

/** @throws TypeError for an input that names no order */
export function createNotifications({ orderId }: NotificationInput): NotificationContext {
  createFieldCheck('notifications')(isText(orderId), 'orderId', "the order's id", orderId);
  return { orderId, notifications: {} };
}
