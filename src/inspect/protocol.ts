// What goes over the wire: the events of Stately's inspector, version 0.7 of @statelyai/inspect, and two
// messages of our own around the restored actors. Types and names only; `inspection.ts` writes them.

import type { Chart } from '../graph/chart.ts';

/** The version of @statelyai/inspect whose events these are: its receivers take none without one. */
export const PROTOCOL_VERSION = '0.7.2';

interface StatelyEvent {
  /** An actor's address: the same over restarts of engine and inspector. */
  readonly sessionId: string;
  readonly rootId: string;
  /** Milliseconds since the epoch, as a text: the journal's `at`; of restored actors, when they were told. */
  readonly createdAt: string;
  readonly id: string;
  readonly _version: string;
  /** Ours: the actor's revision with which it happened. */
  readonly revision: number;
}

export interface InspectedSnapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  readonly value: unknown;
  readonly context: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
}

/** An actor that the viewer has not heard of. */
export interface InspectedActor extends StatelyEvent {
  readonly type: '@xstate.actor';
  readonly name: string;
  /** JSON of the machine's configuration; absent for a viewer that wants none. */
  readonly definition?: string;
  readonly parentId?: string;
  readonly snapshot: InspectedSnapshot;
  /** Ours. */
  readonly machine: string;
  readonly machineVersion: string;
}

export interface InspectedEvent extends StatelyEvent {
  readonly type: '@xstate.event';
  /** The actor that has sent it; absent for the outside, timers and effects. */
  readonly sourceId?: string;
  readonly event: { readonly type: string };
}

/** The state after an event. */
export interface InspectedTransition extends StatelyEvent {
  readonly type: '@xstate.snapshot';
  readonly event: { readonly type: string };
  readonly snapshot: InspectedSnapshot;
}

export type InspectionMessage = InspectedActor | InspectedEvent | InspectedTransition;

/**
 * Ours, without a `_version`, which Stately's receivers therefore leave out: what was told before is void,
 * and the actors as they are now follow.
 */
export interface RestoringMessage {
  readonly type: '@sagawright.restoring';
  /** Events that this viewer was too slow for. */
  readonly missed: number;
}

/** Ours: all has been told that was to be restored; from here on it is live. */
export interface RestoredMessage {
  readonly type: '@sagawright.restored';
  readonly shown: number;
  /** Active actors that are not shown before something happens to them. */
  readonly leftOut: number;
}

/** What `/chart` answers: a machine's picture, and what a page needs to find an actor's states in it. */
export interface ChartPicture {
  /** Each state in it carries its id as `data-state`. */
  readonly svg: string;
  /** Apart from it: no page of the inspector takes styles from within a text. */
  readonly style: string;
  readonly chart: Chart;
}

export type ViewerMessage = InspectionMessage | RestoringMessage | RestoredMessage;
