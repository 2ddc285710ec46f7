// A small machine under test, and what can happen to it. The same commands drive it under the adapter,
// under XState's pure functions and as a live XState actor; none of them decides what should come out.

import fc from 'fast-check';
import type { AnyEventObject, AnyStateMachine } from 'xstate';

export interface Chart {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly input?: unknown;
  /** What it may be sent. */
  readonly events: readonly AnyEventObject[];
  /** Steps of the clock, milliseconds. Default: time stands still. */
  readonly advances?: readonly number[];
  /** How its children may end. Default: they never do. */
  readonly endings?: readonly Ending[];
  /**
   * What XState's pure functions cannot show: `parent`: a parent to send to, `system`: names that
   * last longer than one call. Such a chart is held to the live actor alone.
   */
  readonly needs?: 'parent' | 'system';
  /** The live actor's children do more here than the chart's: held to the pure functions alone. */
  readonly isLiveApart?: true;
  /**
   * Paths of the actors below that are sent the events as well as the root. Also says that the chart is
   * about a whole tree: it is run with its children, never as a single step.
   */
  readonly below?: readonly string[];
}

export type Ending =
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'error'; readonly error: unknown };

export type Command =
  | { readonly type: 'send'; readonly event: AnyEventObject }
  | { readonly type: 'advance'; readonly ms: number }
  /** `child` counts through those that are running, in the order of their start. */
  | { readonly type: 'end'; readonly child: number; readonly ending: Ending };

/** Sequences of what may happen to a chart, shrunk towards few. */
export function commandsOf({
  events,
  advances = [],
  endings = [],
}: Chart): fc.Arbitrary<Command[]> {
  const sending = fc
    .constantFrom(...events)
    .map((event): Command => ({ type: 'send', event: structuredClone(event) }));
  const advancing = (): fc.Arbitrary<Command> =>
    fc.constantFrom(...advances).map((ms) => ({ type: 'advance', ms }));
  const ending = (): fc.Arbitrary<Command> =>
    fc
      .record({ child: fc.nat({ max: 3 }), ending: fc.constantFrom(...endings) })
      .map((end) => ({ type: 'end', ...end }));
  const command = fc.oneof(
    { weight: 4, arbitrary: sending },
    ...(advances.length > 0 ? [{ weight: 2, arbitrary: advancing() }] : []),
    ...(endings.length > 0 ? [{ weight: 2, arbitrary: ending() }] : []),
  );
  return fc.array(command, { maxLength: 14 });
}
