// What the doctor says of the machines that a user's code registers, held against the actors in flight.
// Runs no machine and calls nothing.

import { Registry } from '../../step/registry.ts';
import type { StoreReader } from '../../store-reader.ts';
import { describeDrift, findDrifts } from '../../versions/drift.ts';
import { MigrationPlan } from '../../versions/migration-plan.ts';
import type { Setup } from '../load-config.ts';
import { formatCounted } from '../text/table.ts';
import type { Finding } from './doctor-findings.ts';

const SUBJECT = 'machines';

/** @throws EngineError for machines or migrations that no engine would take */
export async function findInMachines(
  reader: StoreReader,
  { machines, migrations = [] }: Setup,
  now: number,
): Promise<readonly Finding[]> {
  if (machines.length === 0) {
    const text = 'not given, so not compared with what is stored: --machines <file>';
    return [{ level: 'ok', subject: SUBJECT, text, advice: null }];
  }
  const registry = new Registry(machines, null);
  const plan = new MigrationPlan(migrations, registry);
  const { drifts } = await findDrifts({ store: reader, registry, plan }, now);
  const findings = [
    ...(await findMissing(reader, registry, plan)),
    ...drifts.map(
      (drift): Finding => ({
        level: 'fail',
        subject: SUBJECT,
        text: `the chart of ${describeDrift(drift)}`,
        advice: 'Raise the version and give a migration.',
      }),
    ),
  ];
  if (findings.length > 0) return findings;
  const text = `${registry.names().length} known, all actors in flight fit them`;
  return [{ level: 'ok', subject: SUBJECT, text, advice: null }];
}

/** Actors in flight that no registered machine hosts, by machine and version. */
async function findMissing(
  reader: StoreReader,
  registry: Registry,
  plan: MigrationPlan,
): Promise<readonly Finding[]> {
  const missing = new Map<string, number>();
  for (const { machine, machineVersion, status, count } of await reader.groupCounts()) {
    if (status !== 'active' && status !== 'error') continue;
    if (registry.find(machine, machineVersion) !== undefined) continue;
    if (plan.chainsOver({ machine, machineVersion }).length > 0) continue;
    const name = `${machine}@${machineVersion}`;
    missing.set(name, (missing.get(name) ?? 0) + count);
  }
  return [...missing].map(
    ([name, count]): Finding => ({
      level: 'fail',
      subject: SUBJECT,
      text: `${name} is not registered, with ${formatCounted(count, 'actor')} in flight`,
      advice: 'Register it, or give a migration from it: an engine would park them.',
    }),
  );
}
