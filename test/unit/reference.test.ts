// References to actors as they are stored and given back: by address and generation, as the very
// handles that XState knows, without copying what holds none.

import { describe, expect, it } from 'vitest';
import { toPlain } from '../../src/codec.ts';
import { actorAddress } from '../../src/ids.ts';
import { ActorHandle, actorRef, readReference, StepSystem } from '../../src/step/handle.ts';
import { markReferences, reviveReferences } from '../../src/step/reference.ts';

const LIMITS = { depth: 20, length: 10_000 };
const system = new StepSystem();
const parent = new ActorHandle({ id: 'root', address: actorAddress('root'), system });
const self = new ActorHandle({ id: 'order', address: actorAddress('root/order'), system, parent });
const child = new ActorHandle({
  id: 'pay',
  address: actorAddress('root/order/pay'),
  system,
  parent: self,
  generation: 3,
});

function marked(value: unknown): unknown {
  return markReferences((replace) => toPlain(value, 'context', LIMITS, replace), {
    self,
    context: { revision: 7 },
  });
}

const revived = (value: unknown): unknown => reviveReferences(value, self, { pay: child });

describe('references', () => {
  it('are stored as addresses with generations', () => {
    expect(marked({ to: child, deep: [{ by: self }] })).toEqual({
      to: { xstate$$type: 1, id: 'pay', address: 'root/order/pay', generation: 3 },
      deep: [{ by: { xstate$$type: 1, id: 'order', address: 'root/order', generation: null } }],
    });
  });

  it('to children that the step has just made carry the step’s revision', () => {
    const fresh = new (class {
      readonly id = 'new';
      readonly sessionId = 'x:7.0';
      readonly _parent = self;
    })();
    expect(marked({ fresh })).toEqual({
      fresh: { xstate$$type: 1, id: 'new', address: 'root/order/new', generation: 7 },
    });
  });

  it('come back as the actor’s own handle, its parent’s and its child’s', () => {
    const stored: unknown = JSON.parse(JSON.stringify(marked({ self, parent, list: [child] })));
    const context = revived(stored) as { self: unknown; parent: unknown; list: unknown[] };
    expect(context.self).toBe(self);
    expect(context.parent).toBe(parent);
    expect(context.list[0]).toBe(child);
  });

  it('to an earlier child under the same id are not given the one that is there now', () => {
    const stored = { xstate$$type: 1, id: 'pay', address: 'root/order/pay', generation: 2 };
    const handle = revived(stored);
    expect(handle).not.toBe(child);
    expect(handle).toMatchObject({ address: 'root/order/pay', generation: 2 });
  });

  it('to any other actor come back as a handle of its address', () => {
    const handle = revived(marked({ other: actorRef('stock-1') })) as { other: unknown };
    expect(handle.other).toBeInstanceOf(ActorHandle);
    expect(handle.other).toMatchObject({ address: 'stock-1', generation: null });
  });

  it('are the only thing that is copied for', () => {
    const kept = { a: [1, { b: 2 }] };
    expect(revived(kept)).toBe(kept);
    const mixed = { kept, list: [kept, marked(child)] };
    const context = revived(mixed) as typeof mixed;
    expect(context).not.toBe(mixed);
    expect(context.kept).toBe(kept);
    expect(context.list[0]).toBe(kept);
    expect(mixed.list[1]).not.toBe(child);
  });

  it('are not read out of what only looks like one', () => {
    for (const value of [
      { xstate$$type: 1 },
      { xstate$$type: 1, id: 'a' },
      { id: 'a', address: 'a' },
    ]) {
      expect(readReference(value)).toBeUndefined();
      expect(revived(value)).toBe(value);
    }
  });

  it('to addresses that cannot be are refused', () => {
    expect(() => actorRef('')).toThrow(expect.objectContaining({ code: 'BAD_ID' }));
    expect(() => actorRef('a\nb')).toThrow(expect.objectContaining({ code: 'BAD_ID' }));
  });
});
