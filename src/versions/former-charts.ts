// Charts that are not registered any more, as far as somebody still needs to know them: which children
// their states have invoked. Read from the definitions that the store keeps.

import { invokeIds, storedInvokeIds } from '../step/chart.ts';
import type { Registry } from '../step/registry.ts';
import type { MachineRecord } from '../store.ts';

export type FormerInvokes = (machine: string, version: string) => ReadonlySet<string>;

/** @param records as they were before this open has remembered its own */
export function formerInvokesOf(
  records: readonly MachineRecord[],
  registry: Registry,
): FormerInvokes {
  const definitions: ReadonlyMap<string, string> = new Map(
    records.map((record) => [`${record.machine}@${record.version}`, record.definition] as const),
  );
  const known = new Map<string, ReadonlySet<string>>();
  return (machine, version) => {
    const name = `${machine}@${version}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const definition = definitions.get(name);
    const logic = registry.find(machine, version);
    const registered = logic === undefined ? new Set<string>() : invokeIds(logic);
    const ids = definition === undefined ? registered : storedInvokeIds(JSON.parse(definition));
    known.set(name, ids);
    return ids;
  };
}
