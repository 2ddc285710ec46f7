// Charts about which transition is taken: guards, wildcards, forbidden events, eventless transitions,
// raised events, and what tags and meta say of a state.

import {
  type AnyStateMachine,
  and,
  assign,
  createMachine,
  emit,
  not,
  or,
  raise,
  setup,
  stateIn,
} from 'xstate';
import type { Chart } from './chart.ts';

const mark = (name: string) => emit({ type: 'mark', name });
const events = (...types: readonly string[]) => types.map((type) => ({ type }));

const guards: AnyStateMachine = setup({
  actions: { mark: emit((_, name: string) => ({ type: 'mark', name })) },
  guards: {
    isHigh: ({ context }) => context['level'] > 5,
    isEven: ({ context }) => context['level'] % 2 === 0,
    isAtLeast: ({ context }, { least }: { least: number }) => context['level'] >= least,
    isHighAndEven: and(['isHigh', 'isEven']),
  },
}).createMachine({
  context: { level: 0 },
  initial: 'idle',
  on: { SET: { actions: assign({ level: ({ event }) => event['level'] }) } },
  states: {
    idle: {
      on: {
        GO: [
          { guard: 'isHighAndEven', target: 'best' },
          { guard: or(['isHigh', not('isEven')]), target: 'good' },
          {
            guard: ({ context }) => context['level'] < 0,
            actions: { type: 'mark', params: 'negative' },
          },
        ],
        CHECK: [
          {
            guard: { type: 'isAtLeast', params: ({ event }) => ({ least: event['least'] }) },
            target: 'good',
          },
          {
            guard: { type: 'isAtLeast', params: { least: 2 } },
            actions: { type: 'mark', params: 'at least two' },
          },
          {
            guard: not(and(['isEven', not('isHigh')])),
            actions: { type: 'mark', params: 'odd or high' },
          },
        ],
      },
    },
    good: { on: { GO: 'idle' } },
    best: { on: { GO: { target: 'idle', guard: not('isHigh') } } },
  },
});

const eventless: AnyStateMachine = createMachine({
  context: { count: 0, log: [] },
  initial: 'rest',
  states: {
    rest: {
      on: { RUN: { target: 'climbing' }, BACK: 'gate' },
    },
    climbing: {
      entry: assign({ count: ({ context }) => context['count'] + 1 }),
      always: [
        { guard: ({ context }) => context['count'] >= 4, target: 'top', actions: mark('top') },
        {
          guard: ({ context }) => context['count'] % 2 === 1,
          target: 'climbing',
          reenter: true,
          actions: assign({
            log: ({ context }) => [...context['log'], `from ${context['count']}`],
          }),
        },
      ],
      on: { RUN: { target: 'climbing', reenter: true } },
    },
    top: {
      always: { guard: ({ context }) => context['log'].length > 2, target: 'gate' },
      on: { BACK: 'rest' },
    },
    gate: { always: 'passed' },
    passed: {
      entry: assign({ count: 0 }),
      always: { target: 'rest', guard: ({ event }) => event.type === 'BACK' },
      on: { RUN: 'rest' },
    },
  },
});

/** Every region watches a shared context, so one event moves several of them in turn. */
const eventlessRegions: AnyStateMachine = createMachine({
  context: { steps: 0 },
  type: 'parallel',
  on: { STEP: { actions: assign({ steps: ({ context }) => context['steps'] + 1 }) } },
  states: {
    zulu: {
      initial: 'low',
      states: {
        low: {
          always: {
            guard: ({ context }) => context['steps'] > 1,
            target: 'high',
            actions: mark('z'),
          },
        },
        high: {
          on: { RESET: 'low' },
          entry: assign({ steps: ({ context }) => context['steps'] + 1 }),
        },
      },
    },
    alpha: {
      initial: 'low',
      states: {
        low: {
          always: {
            guard: ({ context }) => context['steps'] > 1,
            target: 'high',
            actions: mark('a'),
          },
        },
        high: { entry: mark('a high'), on: { RESET: 'low' } },
      },
    },
    mike: {
      initial: 'low',
      on: { RESET: { actions: assign({ steps: 0 }) } },
      states: {
        low: {
          always: {
            guard: ({ context }) => context['steps'] > 2,
            target: 'high',
            actions: mark('m'),
          },
        },
        high: { on: { RESET: 'low' } },
      },
    },
  },
});

const wildcards: AnyStateMachine = createMachine({
  initial: 'a',
  on: { '*': { actions: mark('root *') }, 'order.*': { actions: mark('root order.*') } },
  states: {
    a: {
      on: {
        'order.paid': 'b',
        'order.item.*': { actions: mark('a order.item.*') },
        'order.*': { guard: ({ event }) => event['skip'] !== true, actions: mark('a order.*') },
        'stock.low': {},
      },
    },
    b: { on: { '*': { target: 'a', actions: mark('b *') }, 'order.item.*': {} } },
  },
});

const placeGuards: AnyStateMachine = createMachine({
  id: 'places',
  type: 'parallel',
  states: {
    door: {
      initial: 'shut',
      states: {
        shut: { on: { OPEN: { target: 'open', guard: not(stateIn({ lock: 'locked' })) } } },
        open: { on: { CLOSE: 'shut' } },
      },
    },
    lock: {
      initial: 'unlocked',
      states: {
        unlocked: { on: { LOCK: { target: 'locked', guard: stateIn('#places.door.shut') } } },
        locked: {
          on: {
            UNLOCK: 'unlocked',
            OPEN: { actions: mark('rattle'), guard: stateIn({ door: 'shut' }) },
          },
        },
      },
    },
    alarm: {
      initial: 'off',
      states: {
        off: { always: { guard: stateIn({ lock: 'locked', door: 'open' }), target: 'on' } },
        on: { on: { CLOSE: 'off' } },
      },
    },
  },
});

const raised: AnyStateMachine = createMachine({
  context: { log: [] },
  initial: 'one',
  on: {
    '*': {
      actions: assign({ log: ({ context, event }) => [...context['log'], `? ${event.type}`] }),
    },
  },
  states: {
    one: {
      exit: raise({ type: 'LEFT' }),
      on: {
        GO: {
          target: 'two',
          actions: [
            raise({ type: 'FIRST' }),
            mark('between'),
            raise(({ context }) => ({ type: 'SECOND', size: context['log'].length })),
          ],
        },
      },
    },
    two: {
      entry: [raise({ type: 'ENTERED' }), mark('two')],
      on: {
        FIRST: { actions: [mark('first'), raise({ type: 'THIRD' })] },
        SECOND: { target: 'three' },
        LEFT: { actions: mark('left') },
      },
    },
    three: {
      always: { guard: ({ context }) => context['log'].length > 3, target: 'one' },
      on: { THIRD: { actions: mark('third') }, GO: 'one' },
    },
  },
});

const described: AnyStateMachine = createMachine({
  id: 'described',
  meta: { title: 'a machine' },
  initial: 'busy',
  states: {
    busy: {
      tags: ['loading', 'blocking'],
      meta: { view: 'spinner' },
      initial: 'soft',
      on: { DONE: 'ready' },
      states: { soft: { tags: 'soft', on: { WAIT: 'hard' } }, hard: { meta: { view: 'bar' } } },
    },
    ready: { tags: ['visible'], meta: { view: 'page' }, on: { WAIT: 'busy.hard', DONE: 'closed' } },
    closed: { type: 'final', tags: 'visible' },
  },
});

/** A guard and an assign that throw: the step fails as a whole. */
const throwing: AnyStateMachine = createMachine({
  context: { count: 0 },
  initial: 'a',
  states: {
    a: {
      on: {
        COUNT: { actions: assign({ count: ({ context }) => context['count'] + 1 }) },
        NEXT: 'b',
        GUARD: {
          guard: ({ context }) => {
            if (context['count'] > 1) throw new Error(`guard at ${context['count']}`);
            return true;
          },
          target: 'b',
        },
      },
    },
    b: {
      entry: assign({
        count: ({ context }) => {
          if (context['count'] > 2) throw new Error(`assign at ${context['count']}`);
          return context['count'];
        },
      }),
      on: { NEXT: 'a', COUNT: { actions: raise({ type: 'NEXT' }) } },
    },
  },
});

export const choiceCharts: readonly Chart[] = [
  {
    name: 'guards, alone and combined',
    machine: guards,
    events: [
      ...[-1, 1, 4, 7, 8].map((level) => ({ type: 'SET', level })),
      { type: 'GO', least: 0 },
      ...[0, 5].map((least) => ({ type: 'CHECK', least })),
    ],
  },
  { name: 'eventless transitions', machine: eventless, events: events('RUN', 'BACK') },
  {
    name: 'eventless transitions in several regions',
    machine: eventlessRegions,
    events: events('STEP', 'RESET'),
  },
  {
    name: 'wildcards, partial descriptors and forbidden events',
    machine: wildcards,
    events: [
      ...events('order.paid', 'order.item.added', 'order.item', 'order', 'stock.low', 'other'),
      { type: 'order.shipped' },
      { type: 'order.shipped', skip: true },
    ],
  },
  {
    name: 'guards on other regions',
    machine: placeGuards,
    events: events('OPEN', 'CLOSE', 'LOCK', 'UNLOCK'),
  },
  { name: 'raised events', machine: raised, events: events('GO', 'SECOND', 'OTHER') },
  { name: 'tags and meta', machine: described, events: events('WAIT', 'DONE') },
  {
    name: 'guards and assigns that throw',
    machine: throwing,
    events: events('COUNT', 'NEXT', 'GUARD'),
  },
];
