// Actor references in context and events: stored as addresses, revived as handles. XState's own
// restore revives children only; here self, parent, children and any other actor come back. Pure.

import { REFERENCE_MARKER, type ReplaceInstance } from '../codec.ts';
import { childAddress } from '../ids.ts';
import { ActorHandle, readReference } from './handle.ts';

/** The step that references are marked in: children it has just made have no handle yet. */
interface Marking {
  readonly self: ActorHandle;
  readonly context: { readonly revision: number };
}

/** Runs a conversion with references to handles, and to children made in this step, as markers. */
export function markReferences(
  convert: (replace: ReplaceInstance) => unknown,
  { self, context }: Marking,
): unknown {
  return convert((instance) => {
    if (instance instanceof ActorHandle) return instance.toJSON();
    if (!('sessionId' in instance && 'id' in instance && '_parent' in instance)) return undefined;
    const id = String(instance.id);
    const address = childAddress(self.address, id);
    return { [REFERENCE_MARKER]: 1, id, address, generation: context.revision };
  });
}

/** A value with each marker replaced by a handle; parts without markers are shared, not copied. */
export function reviveReferences(
  value: unknown,
  self: ActorHandle,
  children: Readonly<Record<string, object | undefined>>,
): unknown {
  if (typeof value !== 'object' || value === null || value instanceof ActorHandle) return value;
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    value.forEach((element: unknown, index) => {
      const revived = reviveReferences(element, self, children);
      if (revived !== element) {
        copy ??= value.slice();
        copy[index] = revived;
      }
    });
    return copy ?? value;
  }
  const reference = readReference(value);
  if (reference !== undefined) {
    const { id, address, generation } = reference;
    if (address === self.address) return self;
    if (address === self._parent?.address) return self._parent;
    const child = children[id];
    if (
      child instanceof ActorHandle &&
      child.address === address &&
      child.generation === generation
    ) {
      return child;
    }
    return new ActorHandle({ id, address, generation, system: self.system });
  }
  let copy: Record<string, unknown> | undefined;
  for (const [name, member] of Object.entries(value)) {
    const revived = reviveReferences(member, self, children);
    if (revived !== member) {
      copy ??= { ...value };
      copy[name] = revived;
    }
  }
  return copy ?? value;
}
