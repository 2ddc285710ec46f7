// Committed events and restored actors as texts of the protocol, bounded. Written when somebody reads
// them and not before; one event is written once, however many viewers there are.

import type { EngineInspectionEvent } from '../client/observers.ts';
import type { ActorSnapshot } from '../client/snapshot-view.ts';
import { type ActorId, ownIdOf, parentOf } from '../ids.ts';
import type { Platform } from '../platform.ts';
import type { Charts } from './charts.ts';
import { type InspectedSnapshot, type InspectionMessage, PROTOCOL_VERSION } from './protocol.ts';

export interface InspectionOptions {
  readonly charts: Charts;
  readonly platform: Platform;
  /** Longest text of one message, in characters. */
  readonly messageLength: number;
}

/** What is left out first of a message that is too long, and last. */
const HEAVY = ['definition', 'context', 'output', 'event', 'error'];

export class Inspection {
  readonly #options: InspectionOptions;
  /** An event lives as long as it waits for somebody. */
  readonly #texts: WeakMap<EngineInspectionEvent, string> = new WeakMap();

  constructor(options: InspectionOptions) {
    this.#options = options;
  }

  /** @param isDefined whether the viewer wants the machines of actors */
  event(event: EngineInspectionEvent, isDefined: boolean): string {
    if (event.type === '@xstate.actor') {
      const { actorRef, revision, machine, machineVersion, at } = event;
      const snapshot = inspected(event.snapshot, 'active');
      return this.#actor({
        id: actorRef.address,
        revision,
        machine,
        machineVersion,
        snapshot,
        isDefined,
        atMs: at,
      });
    }
    const known = this.#texts.get(event);
    if (known !== undefined) return known;
    const { actorRef, revision, type, at } = event;
    const base = this.#base(actorRef.address, revision, type, at);
    const text = this.#write(
      event.type === '@xstate.event'
        ? {
            ...base,
            type: event.type,
            ...(event.sourceRef !== undefined && { sourceId: event.sourceRef.address }),
            event: event.event,
          }
        : {
            ...base,
            type: event.type,
            event: event.event,
            snapshot: inspected(event.snapshot, event.status),
          },
    );
    this.#texts.set(event, text);
    return text;
  }

  /** An actor as its row has it. */
  restored(actor: ActorSnapshot, isDefined: boolean): string {
    const { id, revision, machine, machineVersion, status } = actor;
    const snapshot = inspected(actor, status);
    const atMs = this.#options.platform.now();
    return this.#actor({ id, revision, machine, machineVersion, snapshot, isDefined, atMs });
  }

  #actor(actor: Announced): string {
    const { id, revision, machine, machineVersion, snapshot, isDefined, atMs } = actor;
    const parentId = parentOf(id);
    return this.#write({
      ...this.#base(id, revision, '@xstate.actor', atMs),
      type: '@xstate.actor',
      name: ownIdOf(id),
      ...(parentId !== null && { parentId }),
      ...(isDefined && { definition: this.#options.charts.definition(machine, machineVersion) }),
      machine,
      machineVersion,
      snapshot,
    });
  }

  #base(id: ActorId, revision: number, type: string, atMs: number): Base {
    const [rootId = id] = id.split('/', 1);
    return {
      sessionId: id,
      rootId,
      createdAt: String(Math.round(atMs)),
      id: `${type.slice('@xstate.'.length)}:${id}@${revision}`,
      _version: PROTOCOL_VERSION,
      revision,
    };
  }

  #write(message: InspectionMessage): string {
    const { messageLength } = this.#options;
    const left = new Set<string>();
    const said = (name: string, value: unknown): unknown => {
      if (!left.has(name) || value === undefined) return value;
      const type = name === 'event' && typeof value === 'object' && value !== null && value;
      const note = `left out here: ${JSON.stringify(value).length} characters of JSON`;
      if (name === 'definition')
        return JSON.stringify({ id: message.sessionId, description: note });
      return type && 'type' in type ? { type: type.type, omitted: note } : { omitted: note };
    };
    let text = JSON.stringify(message);
    for (const name of HEAVY) {
      if (text.length <= messageLength) break;
      left.add(name);
      text = JSON.stringify(shortened(message, said));
    }
    return text;
  }
}

interface Announced {
  readonly id: ActorId;
  readonly revision: number;
  readonly machine: string;
  readonly machineVersion: string;
  readonly snapshot: InspectedSnapshot;
  readonly isDefined: boolean;
  readonly atMs: number;
}

type Base = Omit<InspectionMessage & { readonly type: '@xstate.event' }, 'type' | 'event'>;

/** Only where it stands for itself: a member of a context may have the same name. */
function shortened(
  message: InspectionMessage,
  said: (name: string, value: unknown) => unknown,
): object {
  const each = (value: object): object =>
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name, said(name, member)]));
  return 'snapshot' in message
    ? { ...each(message), snapshot: each(message.snapshot) }
    : each(message);
}

function inspected(snapshot: object, status: InspectedSnapshot['status']): InspectedSnapshot {
  // Logic that is no statechart has a snapshot of its own shape.
  const { value, context, output, error } = snapshot as Partial<InspectedSnapshot>;
  return {
    status,
    value: value ?? {},
    context: context ?? null,
    output,
    error: error ?? undefined,
  };
}
