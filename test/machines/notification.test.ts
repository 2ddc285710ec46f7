// The mails of an order on their own, stepped as the pure function that they are: one mail for each key,
// whatever is told in whatever order, and each settled once.

import fc from 'fast-check';
import {
  MAX_NOTIFICATIONS,
  type Notification,
  type NotificationCommand,
  type NotificationFact,
  notificationMachine,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { createActor, initialTransition, type SnapshotFrom, transition } from 'xstate';
import { coverChart } from '../support/chart-coverage.ts';
import { checkProperty } from '../unit/seeds.ts';

type Mails = SnapshotFrom<typeof notificationMachine>;

const input = { orderId: 'order-1' };
const queue = (key: string, kind = 'confirmation'): NotificationCommand => ({
  type: 'notification.queue',
  key,
  kind,
  to: 'ann@example.com',
});
const sent = (key: string, mailId = 'mail-1'): NotificationCommand => ({
  type: 'notification.sent',
  key,
  mailId,
});
const fail = (key: string, reason = 'MAILBOX_FULL'): NotificationCommand => ({
  type: 'notification.fail',
  key,
  reason,
});
const cancel = (key: string): NotificationCommand => ({ type: 'notification.cancel', key });

function open(): Mails {
  return initialTransition(notificationMachine, input)[0];
}

function tell(...told: readonly NotificationCommand[]): Mails {
  return told.reduce(
    (state, command) => transition(notificationMachine, state, command)[0],
    open(),
  );
}

function factsOf(...told: readonly NotificationCommand[]): readonly NotificationFact[] {
  const facts: NotificationFact[] = [];
  const actor = createActor(notificationMachine, { input });
  actor.on('*', (fact) => facts.push(fact));
  actor.start();
  for (const command of told) actor.send(command);
  return facts;
}

describe('the mails of an order', () => {
  it('wait in a queue under their keys', () => {
    expect(tell(queue('a'), queue('b', 'cancellation')).context.notifications).toEqual({
      a: {
        kind: 'confirmation',
        to: 'ann@example.com',
        status: 'queued',
        mailId: null,
        reason: null,
      },
      b: {
        kind: 'cancellation',
        to: 'ann@example.com',
        status: 'queued',
        mailId: null,
        reason: null,
      },
    });
  });

  it.each<readonly [string, NotificationCommand, Partial<Notification>]>([
    ['sent', sent('a'), { status: 'sent', mailId: 'mail-1' }],
    ['failed', fail('a'), { status: 'failed', reason: 'MAILBOX_FULL' }],
    ['cancelled', cancel('a'), { status: 'cancelled' }],
  ])('that are %s are so for good', (_, command, settled) => {
    const mails = tell(queue('a'), command);
    expect(mails.context.notifications['a']).toMatchObject(settled);
    for (const other of [queue('a'), sent('a'), fail('a'), cancel('a')]) {
      expect(mails.can(other)).toBe(false);
    }
    expect(mails.can(queue('b'))).toBe(true);
  });

  it.each([
    ['no key', queue(' ')],
    ['a key that belongs to every object', queue('__proto__')],
    ['nothing to say', queue('a', '')],
    ['nobody to send it to', { ...queue('a'), to: '' } as NotificationCommand],
    ['a mail that was never queued', sent('b')],
    ['a mail that every object has', cancel('constructor')],
  ])('refuse %s', (_, command) => {
    expect(open().can(command)).toBe(false);
  });

  it('are not sent without an id, and do not fail without a reason', () => {
    expect(tell(queue('a')).can(sent('a', ''))).toBe(false);
    expect(tell(queue('a')).can(fail('a', ' '))).toBe(false);
  });

  it('are bounded', () => {
    const keys = Array.from({ length: MAX_NOTIFICATIONS }, (_, index) => `mail/${index}`);
    expect(tell(...keys.slice(1).map((key) => queue(key))).can(queue('one more'))).toBe(true);
    expect(tell(...keys.map((key) => queue(key))).can(queue('one more'))).toBe(false);
  });

  it('tell each thing that happened once, with whose it is', () => {
    expect(
      factsOf(
        queue('a'),
        queue('a'),
        sent('a'),
        sent('a'),
        queue('b'),
        fail('b'),
        queue('c'),
        cancel('c'),
      ),
    ).toEqual([
      {
        type: 'notification.queued',
        orderId: 'order-1',
        key: 'a',
        kind: 'confirmation',
        to: 'ann@example.com',
      },
      { type: 'notification.sent', orderId: 'order-1', key: 'a', mailId: 'mail-1' },
      expect.objectContaining({ type: 'notification.queued', key: 'b' }),
      { type: 'notification.failed', orderId: 'order-1', key: 'b', reason: 'MAILBOX_FULL' },
      expect.objectContaining({ type: 'notification.queued', key: 'c' }),
      { type: 'notification.cancelled', orderId: 'order-1', key: 'c' },
    ]);
  });

  it('are not started without an order', () => {
    const { error } = createActor(notificationMachine, { input: { orderId: '' } }).getSnapshot();
    expect(String(error)).toContain("notifications: expected orderId to be the order's id");
  });

  it('are at most one for each key, and settled once, whatever is told in whatever order', () => {
    const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
    const anyCommand: fc.Arbitrary<NotificationCommand> = fc.oneof(
      fc.tuple(key, fc.constantFrom('confirmation', 'receipt')).map(([k, kind]) => queue(k, kind)),
      fc.tuple(key, fc.constantFrom('mail-1', 'mail-2', '')).map(([k, id]) => sent(k, id)),
      key.map((k) => fail(k)),
      key.map((k) => cancel(k)),
    );
    const ends = new Set(['notification.sent', 'notification.failed', 'notification.cancelled']);
    checkProperty(
      fc.property(fc.array(anyCommand, { maxLength: 40 }), (told) => {
        // What was said of each key is all that its mail may be.
        const facts = factsOf(...told);
        const { notifications } = tell(...told).context;
        expect(Object.keys(notifications).sort()).toEqual(
          [...new Set(facts.map((fact) => fact.key))].sort(),
        );
        for (const [name, { kind, status, mailId }] of Object.entries(notifications)) {
          const [first, ...rest] = facts.filter((fact) => fact.key === name);
          expect(first).toMatchObject({ type: 'notification.queued', kind });
          expect(rest.length).toBeLessThanOrEqual(1);
          expect(rest.every(({ type }) => ends.has(type))).toBe(true);
          expect(rest[0]?.type ?? 'notification.queued').toBe(`notification.${status}`);
          const toldMail = rest.map((fact) => ('mailId' in fact ? fact.mailId : null));
          expect(mailId).toBe(toldMail[0] ?? null);
        }
        // The first to queue a key wins, and no later one changes its mail.
        const queued = told.filter((each) => each.type === 'notification.queue');
        for (const name of ['a', 'b', 'c', 'constructor']) {
          const first = queued.find((each) => each.key === name);
          expect(notifications[name]?.kind).toBe(first?.kind);
        }
      }),
      300,
    );
  });
});

describe('the paths of the mails of an order', () => {
  it('take every transition of the chart', () => {
    const coverage = coverChart(notificationMachine, {
      inputs: [input],
      events: () => ['a', 'b'].flatMap((key) => [queue(key), sent(key), fail(key), cancel(key)]),
    });
    console.log(coverage.line);
    expect(coverage.missing).toEqual([]);
  });
});
