// Addresses and effect keys as a machine knows them: the same from an XState reference and from a handle
// of the engine.

import { describe, expect, it } from 'vitest';
import { createActor, createMachine, setup } from 'xstate';
import { addressOf, effectKey } from '../../src/address.ts';
import { actorAddress } from '../../src/ids.ts';
import { selfHandle } from '../../src/state/actor-row.ts';
import { StepSystem } from '../../src/step/handle.ts';

describe('an address', () => {
  it('is the ids of an actor and all above it, from a live actor as from a handle', () => {
    const leaf = createMachine({ id: 'leaf' });
    const middle = setup({ actors: { leaf } }).createMachine({
      invoke: { src: 'leaf', id: 'pay' },
    });
    const top = setup({ actors: { middle } }).createMachine({
      invoke: { src: 'middle', id: 'saga' },
    });
    const actor = createActor(top, { id: 'order-1' }).start();
    const child = actor.getSnapshot().children['saga'];
    const grandchild = child?.getSnapshot().children['pay'];
    expect(child && addressOf(child)).toBe('order-1/saga');
    expect(grandchild && addressOf(grandchild)).toBe('order-1/saga/pay');
    const handle = selfHandle(actorAddress('order-1/saga/pay'), new StepSystem());
    expect(addressOf(handle)).toBe('order-1/saga/pay');
    actor.stop();
  });

  it('that cannot be is refused', () => {
    expect(() => addressOf({ id: '' })).toThrow(expect.objectContaining({ code: 'BAD_ID' }));
    expect(() => addressOf({ id: 'x'.repeat(300), _parent: { id: 'y'.repeat(300) } })).toThrow(
      expect.objectContaining({ code: 'BAD_ID' }),
    );
  });
});

describe('the key of an effect with a name of its own', () => {
  it('has the actor’s address before it, so that two actors never share one', () => {
    expect(effectKey(actorAddress('order-1/saga'), 'payment/1')).toBe('order-1/saga:payment/1');
    expect(effectKey({ id: 'saga', _parent: { id: 'order-1' } }, 'payment/1')).toBe(
      'order-1/saga:payment/1',
    );
  });
});
