// At open: is each registered chart the one that its actors in flight were written by? A chart that was
// changed under an unchanged version is told before anything runs. The store keeps every definition.

import { EngineError, isEngineError } from '../errors.ts';
import type { ActorId } from '../ids.ts';
import type { Logger } from '../logger.ts';
import { type PageQuery, readPages } from '../pages.ts';
import { readActor } from '../state/actor-row.ts';
import { storedInvokeIds } from '../step/chart.ts';
import { isChanged } from '../step/fingerprint.ts';
import { StepSystem } from '../step/handle.ts';
import type { HostedLogic } from '../step/logic.ts';
import type { Registry } from '../step/registry.ts';
import type { ActorGroup, ActorRecord, MachineRecord, Store } from '../store.ts';
import { findMisfits } from './fit.ts';
import type { MigrationPlan } from './migration-plan.ts';

/** Where drifts are looked for. */
export interface DriftSources {
  readonly store: Pick<Store, 'machines' | 'groups' | 'list'>;
  readonly registry: Registry;
  readonly plan: MigrationPlan;
}

export interface DriftOptions extends DriftSources {
  readonly store: Store;
  readonly logger: Logger;
  /** `refuse`: a drift is an error. `allow`: a warning, and the new chart is the one from now on. */
  readonly drift: 'allow' | 'refuse';
  /** Wall clock, milliseconds since the epoch. */
  readonly now: number;
}

/** What has become of one chart. */
export interface Drift {
  readonly machine: string;
  readonly version: string;
  /** Actors in flight, and how many of them do not fit any more. */
  readonly actors: number;
  readonly misfits: number;
  /** The latter by state. */
  readonly states: Readonly<Record<string, number>>;
  readonly sample: readonly { readonly id: ActorId; readonly why: string }[];
}

/** Actors named by one error. */
const SAMPLE = 5;
/** States counted by name. */
const STATES = 50;
const IN_FLIGHT = ['active', 'error'] as const;

/**
 * Remembers the registered definitions, unless one has drifted.
 * @throws EngineError `MACHINE_DRIFT`
 */
export async function rememberMachines(options: DriftOptions): Promise<void> {
  const { store, logger, drift, now } = options;
  const { machines, drifts } = await findDrifts(options, now);
  if (machines.length === 0) return;
  if (drifts.length > 0 && drift === 'refuse') throw driftError(drifts);
  for (const each of drifts) logger.warn(`The chart of ${describeDrift(each)}`, { drift: each });
  await store.commit({ journal: [], actors: [], machines });
}

/** Which registered definitions are new to a store, and which of them its actors in flight know otherwise. */
export async function findDrifts(
  { store, registry, plan }: DriftSources,
  now: number,
): Promise<{ readonly machines: readonly MachineRecord[]; readonly drifts: readonly Drift[] }> {
  const stored = new Map(
    (await store.machines()).map((record) => [nameOf(record), record] as const),
  );
  const current = registry.records(now);
  const machines = current.filter(
    (record) => stored.get(nameOf(record))?.fingerprint !== record.fingerprint,
  );
  const groups = machines.length === 0 ? [] : await store.groups();
  const drifts: Drift[] = [];
  for (const record of machines) {
    const before = stored.get(nameOf(record));
    if (before === undefined || !isChanged(before.fingerprint, record.fingerprint)) continue;
    const { machine, version: machineVersion } = record;
    // Their actors do not stay with it.
    if (plan.chainsOver({ machine, machineVersion }).length > 0) continue;
    if (!groups.some((group) => isOf(group, record))) continue;
    drifts.push(await examine(store, before, registry.hosted(machine, machineVersion)));
  }
  return { machines, drifts };
}

function nameOf({ machine, version }: MachineRecord): string {
  return `${machine}@${version}`;
}

function isOf(group: ActorGroup, { machine, version }: MachineRecord): boolean {
  if (group.machine !== machine || group.machineVersion !== version) return false;
  return IN_FLIGHT.some((status) => status === group.status);
}

/** Reads every actor in flight of a chart that has changed, page by page. */
async function examine(
  store: DriftSources['store'],
  before: MachineRecord,
  logic: HostedLogic,
): Promise<Drift> {
  const { machine, version } = before;
  const formerInvokes = storedInvokeIds(JSON.parse(before.definition));
  const system = new StepSystem();
  const states: Record<string, number> = {};
  const sample: { readonly id: ActorId; readonly why: string }[] = [];
  let actors = 0;
  let misfits = 0;
  for (const status of IN_FLIGHT) {
    const pages = readPages(
      (page: PageQuery<ActorId>) =>
        store.list({ machine, machineVersion: version, status, ...page }),
      ({ id }) => id,
    );
    for await (const page of pages) {
      actors += page.length;
      for (const record of page) {
        const why = misfitOf(record, logic, system, formerInvokes);
        if (why === null) continue;
        misfits += 1;
        const { id, state } = record;
        if (state in states || Object.keys(states).length < STATES) {
          states[state] = (states[state] ?? 0) + 1;
        }
        if (sample.length < SAMPLE) sample.push({ id, why });
      }
    }
  }
  return { machine, version, actors, misfits, states, sample };
}

function misfitOf(
  record: ActorRecord,
  logic: HostedLogic,
  system: StepSystem,
  formerInvokes: ReadonlySet<string>,
): string | null {
  try {
    const misfits = findMisfits(readActor(record, logic, system), formerInvokes);
    return misfits.length === 0 ? null : misfits.join(', ');
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return `state ${record.state}`;
  }
}

function driftError(drifts: readonly Drift[]): EngineError {
  const charts = drifts.map(describeDrift).join(' And that of ');
  const message = `Expected each chart as its actors in flight know it, but that of ${charts} Nothing was changed. Raise the version and give a migration; or pass drift: 'allow' to go on with the chart as it is now: what does not fit is then left over, and states that are gone park their actors.`;
  return new EngineError('MACHINE_DRIFT', message, { details: { drifts } });
}

/** In words, after `The chart of`. */
export function describeDrift({
  machine,
  version,
  actors,
  misfits,
  states,
  sample,
}: Drift): string {
  const counted = Object.entries(states).map(([state, count]) => `${count} in ${state}`);
  const named = sample.map(({ id, why }) => `${id}: ${why}`).join('; ');
  const fit =
    misfits === 0
      ? 'all of them still fit.'
      : `${misfits} of them fit it no more: ${counted.join(', ')} (${named}).`;
  return `"${machine}" has changed under version ${version}, with ${actors} in flight; ${fit}`;
}
