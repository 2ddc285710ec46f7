// The machines that a simulated engine runs beside the order and its sagas: made to use everything at once
// (effects with retries, timeouts, own keys and reconcile, a child, asks, timers, keyed messages, late
// outcomes, steps that throw). Pure but for what the world tells them through `Surroundings`.

import { actorRef, ask, type EffectLogic, effect, effectError } from 'sagawright';
import {
  type AnyStateMachine,
  assign,
  emit,
  enqueueActions,
  sendParent,
  sendTo,
  setup,
} from 'xstate';

/** What the world decides for the machines. */
export interface Surroundings {
  /** Whether the bugs in the machines' own guards have been mended. */
  readonly isMended: () => boolean;
  /** The code of the named action. */
  readonly ring: (actor: string) => void;
}

export interface WorkInput {
  readonly job: string;
  readonly round: number;
}
export interface WorkOutput {
  /** Not what the job expects: its guard throws until it is mended. */
  readonly isCracked: boolean;
}

const work: EffectLogic<WorkInput, WorkOutput> = effect({
  timeout: '2s',
  retry: { attempts: 3, initial: 300, max: '2s' },
  rate: { limit: 3, per: '1s' },
});
const carry: EffectLogic<{ readonly job: string }, null> = effect({
  timeout: '1s',
  retry: { attempts: 2, initial: 200 },
});
const deliver: EffectLogic<{ readonly job: string }, { readonly receipt: string }> = effect({
  timeout: '2s',
  retry: { attempts: 3, initial: 200, max: '1s' },
  concurrency: 1,
  key: () => 'deliver',
});

interface Late {
  readonly type: 'effect.late';
  readonly key: string;
  readonly outcome: string;
}

type TallyEvent =
  | { readonly type: 'ADD'; readonly nonce: string; readonly amount: number }
  /** Throws until it is mended. */
  | { readonly type: 'BOOM'; readonly nonce: string }
  | { readonly type: 'REMIND'; readonly nonce: string; readonly delayMs: number }
  | { readonly type: 'FORGET'; readonly of: string }
  | { readonly type: 'PASS_ON'; readonly nonce: string; readonly to: string }
  | { readonly type: 'TICK'; readonly nonce: string };

export interface TallyContext {
  readonly total: number;
  readonly seen: readonly string[];
  readonly ticks: readonly string[];
}

function createTally({ isMended }: Surroundings): AnyStateMachine {
  return setup({
    types: {} as { context: TallyContext; events: TallyEvent },
    guards: {
      isPositive: (_, amount: number) => amount > 0,
      isDefused: () => {
        if (!isMended()) throw new Error('Boom.');
        return true;
      },
    },
    actions: {
      see: assign({ seen: ({ context }, nonce: string) => [...context.seen, nonce] }),
      tick: assign({ ticks: ({ context }, nonce: string) => [...context.ticks, nonce] }),
    },
  }).createMachine({
    id: 'tally',
    version: '1',
    context: { total: 0, seen: [], ticks: [] },
    on: {
      ADD: {
        guard: { type: 'isPositive', params: ({ event }) => event.amount },
        actions: [
          { type: 'see', params: ({ event }) => event.nonce },
          assign({ total: ({ context, event }) => context.total + event.amount }),
          emit(({ context, event }) => ({
            type: 'tally.added',
            nonce: event.nonce,
            total: context.total,
          })),
        ],
      },
      BOOM: { guard: 'isDefused', actions: { type: 'see', params: ({ event }) => event.nonce } },
      REMIND: {
        actions: enqueueActions(({ event, enqueue }) => {
          const { nonce, delayMs } = event;
          enqueue.raise({ type: 'TICK', nonce }, { id: `tick-${nonce}`, delay: delayMs });
        }),
      },
      FORGET: {
        actions: enqueueActions(({ event, enqueue }) => enqueue.cancel(`tick-${event.of}`)),
      },
      PASS_ON: { actions: sendTo(({ event }) => actorRef(event.to), { type: 'GO' }) },
      TICK: { actions: { type: 'tick', params: ({ event }) => event.nonce } },
    },
  });
}

function createLeg() {
  return setup({
    types: {} as { context: { job: string }; input: { job: string } },
    actors: { carry },
    guards: {
      neverArrives: () => {
        throw new Error('The leg has broken.');
      },
    },
  }).createMachine({
    id: 'leg',
    version: '1',
    context: ({ input }) => ({ job: input.job }),
    initial: 'loading',
    states: {
      loading: { after: { 400: 'carrying' } },
      carrying: {
        entry: sendParent({ type: 'leg.loaded' }),
        invoke: {
          id: 'carry',
          src: 'carry',
          input: ({ context }) => ({ job: context.job }),
          onDone: 'arrived',
          onError: { guard: 'neverArrives', target: 'arrived' },
        },
      },
      arrived: { type: 'final' },
    },
  });
}

type JobEvent =
  | { readonly type: 'GO' }
  | { readonly type: 'PAUSE'; readonly nonce: string }
  | { readonly type: 'CANCEL'; readonly nonce: string }
  | { readonly type: 'leg.loaded' }
  | Late;

export interface JobInput {
  readonly tally: string;
}

export interface JobContext extends JobInput {
  readonly job: string;
  readonly round: number;
  readonly loaded: number;
  readonly late: readonly string[];
  /** Whether the tally took the job's report. */
  readonly isTold: boolean;
  readonly receipt: string | null;
}

const errorOf = ({ event }: { readonly event: { readonly error: unknown } }): unknown =>
  event.error;

const addToTally = ask<{ readonly tally: string; readonly job: string }>(({ tally, job }) => ({
  to: tally,
  event: { type: 'ADD', nonce: job, amount: 1 },
}));

function createJob({ isMended, ring }: Surroundings): AnyStateMachine {
  return setup({
    types: {} as { context: JobContext; events: JobEvent; input: JobInput },
    actors: { work, deliver, addToTally, leg: createLeg() },
    guards: {
      isWhole: (_, { isCracked }: WorkOutput) => {
        if (isCracked && !isMended()) throw new Error('The work is cracked.');
        return true;
      },
      isRejected: (_, error: unknown) => effectError(error).outcome === 'rejected',
    },
    actions: {
      ring: (_, { job }: { readonly job: string }) => ring(job),
      nextRound: assign({ round: ({ context }) => context.round + 1 }),
    },
  }).createMachine({
    id: 'job',
    version: '1',
    context: ({ input, self }) => ({
      tally: input.tally,
      job: self.id,
      round: 0,
      loaded: 0,
      late: [],
      isTold: false,
      receipt: null,
    }),
    initial: 'waiting',
    on: {
      'effect.late': {
        actions: assign({ late: ({ context, event }) => [...context.late, event.key] }),
      },
      'leg.loaded': { actions: assign({ loaded: ({ context }) => context.loaded + 1 }) },
    },
    states: {
      waiting: { after: { 3000: 'working' }, on: { GO: 'working' } },
      working: {
        entry: 'nextRound',
        after: { 9000: 'checking' },
        on: { CANCEL: 'cancelled', PAUSE: 'resting' },
        invoke: {
          id: 'work',
          src: 'work',
          input: ({ context }) => ({ job: context.job, round: context.round }),
          onDone: {
            guard: { type: 'isWhole', params: ({ event }) => event.output },
            target: 'reporting',
          },
          onError: [
            { guard: { type: 'isRejected', params: errorOf }, target: 'refused' },
            { target: 'checking' },
          ],
        },
      },
      resting: { after: { 1000: 'working' } },
      checking: { after: { 2000: 'reporting' } },
      reporting: {
        invoke: {
          id: 'tell',
          src: 'addToTally',
          input: ({ context: { tally, job } }) => ({ tally, job }),
          onDone: { target: 'travelling', actions: assign({ isTold: true }) },
          onError: 'travelling',
        },
      },
      travelling: {
        invoke: {
          id: 'leg',
          src: 'leg',
          systemId: 'leg',
          input: ({ context }) => ({ job: context.job }),
          onDone: 'delivering',
          onError: 'delivering',
        },
      },
      delivering: {
        entry: { type: 'ring', params: ({ context }) => ({ job: context.job }) },
        on: { PAUSE: 'paused' },
        invoke: {
          id: 'deliver',
          src: 'deliver',
          input: ({ context }) => ({ job: context.job }),
          onDone: {
            target: 'delivered',
            actions: assign({ receipt: ({ event }) => event.output.receipt }),
          },
          onError: [
            { guard: { type: 'isRejected', params: errorOf }, target: 'refused' },
            { target: 'paused' },
          ],
        },
      },
      paused: { after: { 1500: 'delivering' } },
      cancelled: { after: { 15000: 'refused' } },
      delivered: { type: 'final' },
      refused: { type: 'final' },
    },
  });
}

/** The machines of one process. */
export function createMachines(surroundings: Surroundings): {
  readonly tally: AnyStateMachine;
  readonly job: AnyStateMachine;
} {
  return { tally: createTally(surroundings), job: createJob(surroundings) };
}
