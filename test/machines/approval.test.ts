// A request for an approval: on its own, as the pure function that it is; and as a step of a saga on the
// engine, which goes on when it is approved and turns back when it is not, restarts or no restarts.

import {
  type ApprovalCommand,
  type ApprovalFact,
  type ApprovalInput,
  approvalMachine,
} from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { createActor, initialTransition, type SnapshotFrom, transition } from 'xstate';
import { coverChart } from '../support/chart-coverage.ts';
import { WaitingWorld } from './waiting-world.ts';

type Approval = SnapshotFrom<typeof approvalMachine>;

const DAY_MS = 86_400_000;
const input: ApprovalInput = {
  approvalId: 'return-1',
  subject: 'the return of order-1',
  expiresAfterMs: 3 * DAY_MS,
};
const approve: ApprovalCommand = { type: 'approval.approve', by: 'ann' };
const reject: ApprovalCommand = { type: 'approval.reject', by: 'ann', reason: 'worn' };
const giveUp: ApprovalCommand = { type: 'CANCEL' };
const EXPIRY = { type: 'xstate.after.expiresAfter.approval.PENDING' } as const;

function ask(given: ApprovalInput | { readonly '~undoes': unknown } = input): Approval {
  return initialTransition(approvalMachine, given)[0];
}

function tell(command: ApprovalCommand): Approval {
  return transition(approvalMachine, ask(), command)[0];
}

function factsOf(command: ApprovalCommand): readonly ApprovalFact[] {
  const facts: ApprovalFact[] = [];
  const actor = createActor(approvalMachine, { input });
  actor.on('*', (fact) => facts.push(fact));
  actor.start();
  actor.send(command);
  return facts;
}

describe('a request for an approval', () => {
  it('waits, and says what is asked and for how long', () => {
    expect(ask().value).toBe('PENDING');
    expect(factsOf(approve)[0]).toEqual({ type: 'approval.requested', ...input });
  });

  it('says at its end what was decided, by whom and why', () => {
    expect(tell(approve).output).toEqual({
      status: 'completed',
      decision: 'APPROVED',
      by: 'ann',
      reason: null,
      failure: null,
      resolution: null,
    });
    expect(tell(reject).output).toMatchObject({
      status: 'compensated',
      decision: 'REJECTED',
      by: 'ann',
      reason: 'worn',
      failure: { code: 'APPROVAL_REJECTED', message: 'ann rejected the return of order-1: worn' },
    });
    expect(tell(giveUp).output).toMatchObject({
      status: 'compensated',
      decision: 'WITHDRAWN',
      failure: { code: 'APPROVAL_WITHDRAWN' },
    });
  });

  it('tells what was decided once', () => {
    expect(factsOf(approve).slice(1)).toEqual([
      { type: 'approval.approved', approvalId: 'return-1', by: 'ann' },
    ]);
    expect(factsOf(reject).slice(1)).toEqual([
      { type: 'approval.rejected', approvalId: 'return-1', by: 'ann', reason: 'worn' },
    ]);
    expect(factsOf(giveUp).slice(1)).toEqual([
      { type: 'approval.withdrawn', approvalId: 'return-1' },
    ]);
  });

  it('is decided by somebody, and not rejected without a reason', () => {
    expect(ask().can({ ...approve, by: ' ' })).toBe(false);
    expect(ask().can({ ...reject, by: '' })).toBe(false);
    expect(ask().can({ ...reject, reason: '' })).toBe(false);
  });

  it.each<readonly [string, object]>([
    ['approvalId', { approvalId: '' }],
    ['subject', { subject: ' ' }],
    ['expiresAfterMs', { expiresAfterMs: 0 }],
    ['expiresAfterMs', { expiresAfterMs: 0.5 }],
    ['expiresAfterMs', { expiresAfterMs: 2 ** 53 - 1 }],
  ])('is not started with a bad %s', (field, wrong) => {
    const { error } = createActor(approvalMachine, { input: { ...input, ...wrong } }).getSnapshot();
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(`approval: expected ${field} to be`);
  });

  it('takes every transition of its chart on some path', () => {
    const coverage = coverChart(approvalMachine, {
      inputs: [input, { '~undoes': null }],
      events: () => [approve, reject, giveUp, EXPIRY],
    });
    console.log(coverage.line);
    expect(coverage.missing).toEqual([]);
  });
});

describe('an approval as a step of a saga', () => {
  const open = (): WaitingWorld => new WaitingWorld('approval', approvalMachine, input);

  it('approved lets it go on, with who approved it among its results', async () => {
    await using s = open();
    await s.start();
    expect(await s.value()).toEqual({ fulfilling: 'approval' });
    expect(s.calls).toEqual(['book']);
    expect(await s.tell(approve)).toBe('accepted');
    expect(s.calls).toEqual(['book', 'ship']);
    expect(await s.saga.result()).toMatchObject({
      status: 'completed',
      results: { approval: { decision: 'APPROVED', by: 'ann' }, shipping: 'ship' },
    });
    expect(await s.verify()).toEqual([]);
  });

  it('rejected turns it back, and what came before is undone', async () => {
    await using s = open();
    await s.start();
    expect(await s.tell({ type: 'approval.reject', by: 'ann' })).toBe('rejected');
    expect(await s.tell(reject)).toBe('accepted');
    expect(s.calls).toEqual(['book', 'unbook']);
    expect(await s.saga.result()).toMatchObject({
      status: 'compensated',
      failure: { step: 'approval', code: 'APPROVAL_REJECTED' },
      resolution: null,
    });
    expect(await s.verify()).toEqual([]);
  });

  it('not decided in time turns it back, though the engine crashed while it was waited for', async () => {
    await using s = open();
    await s.start();
    await s.advance(DAY_MS);
    await s.sleepThrough(DAY_MS);
    await s.advance(DAY_MS - 1);
    expect(s.calls).toEqual(['book']);
    expect(await s.value()).toEqual({ fulfilling: 'approval' });
    await s.advance(1);
    expect(s.calls).toEqual(['book', 'unbook']);
    expect(await s.saga.result()).toMatchObject({
      status: 'compensated',
      failure: { step: 'approval', code: 'APPROVAL_EXPIRED' },
    });
    expect(await s.world.history('s/approval')).toEqual([
      'started xstate.init',
      'emitted approval.requested',
      'received xstate.after.expiresAfter.approval.PENDING',
      'emitted approval.expired',
    ]);
    expect(await s.verify()).toEqual([]);
  });

  it('expires when its time passed while no engine ran', async () => {
    await using s = open();
    await s.start();
    await s.sleepThrough(4 * DAY_MS);
    expect(await s.saga.result()).toMatchObject({ failure: { code: 'APPROVAL_EXPIRED' } });
    expect(s.calls).toEqual(['book', 'unbook']);
    expect(await s.verify()).toEqual([]);
  });
});
