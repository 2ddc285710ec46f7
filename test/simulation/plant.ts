// A bug to be planted in a simulated world, by the ports that the engine is given, by a broken machine, or
// by a patch of the engine's classes for the time of one run. Plants are listed in planted-bugs.ts.

import type { Platform, Store } from 'sagawright';
import type { AnyStateMachine } from 'xstate';
import type { Weather } from './faults.ts';
import type { Handlers } from './network.ts';
import type { Schedule, SimulatedProcess } from './schedule.ts';

export interface Plant {
  readonly store?: (store: Store, process: SimulatedProcess, schedule: Schedule) => Store;
  readonly platform?: (platform: Platform, process: SimulatedProcess) => Platform;
  readonly handlers?: (handlers: Handlers) => Handlers;
  /** The order saga to run instead. */
  readonly orderSaga?: AnyStateMachine;
  /** Faults without which the bug hardly shows. */
  readonly weather?: Partial<Weather>;
  /** Commits that a crash takes with it. */
  readonly lostByCrash?: number;
  /** Breaks the engine's own classes; answers with the way back. */
  readonly patch?: () => () => void;
}
