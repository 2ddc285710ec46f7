// Charts about states: nesting, regions, history, completion and re-entry. Their actions only leave a
// mark, so that the order of exits and entries shows.

import { type AnyStateMachine, assign, createMachine, emit } from 'xstate';
import type { Chart } from './chart.ts';

const mark = (name: string) => emit({ type: 'mark', name });
const around = (name: string) => ({ entry: mark(`+${name}`), exit: mark(`-${name}`) });
const events = (...types: readonly string[]) => types.map((type) => ({ type }));

const nested: AnyStateMachine = createMachine({
  id: 'nested',
  ...around('root'),
  initial: 'a',
  on: { RESET: { target: '.a', actions: mark('reset') } },
  states: {
    a: {
      ...around('a'),
      initial: 'a1',
      on: { NEXT: { target: 'b', actions: mark('a to b') } },
      states: {
        a1: { ...around('a1'), on: { IN: 'a2' } },
        a2: {
          ...around('a2'),
          initial: 'deep',
          on: { IN: { target: '.deep.deeper', actions: mark('inward') }, NEXT: '#nested.b.b2' },
          states: {
            deep: {
              ...around('deep'),
              initial: 'deepest',
              states: { deepest: around('deepest'), deeper: around('deeper') },
            },
          },
        },
      },
    },
    b: {
      ...around('b'),
      initial: 'b1',
      on: { NEXT: 'a' },
      states: { b1: { ...around('b1'), on: { IN: 'b2' } }, b2: around('b2') },
    },
  },
});

const initialActions: AnyStateMachine = createMachine({
  id: 'initial-actions',
  initial: 'outer',
  states: {
    outer: {
      ...around('outer'),
      initial: 'inner',
      states: { inner: around('inner'), other: { ...around('other'), on: { BACK: 'inner' } } },
      on: { OTHER: '.other', LEAVE: 'rest', AGAIN: { target: 'outer', reenter: true } },
    },
    rest: { ...around('rest'), on: { OTHER: 'outer', LEAVE: '#direct' } },
    bound: {
      ...around('bound'),
      initial: 'first',
      states: { first: around('first'), second: { id: 'direct', ...around('second') } },
      on: { BACK: 'outer', AGAIN: '.first' },
    },
  },
});

const regions: AnyStateMachine = createMachine({
  id: 'regions',
  type: 'parallel',
  ...around('root'),
  states: {
    lamp: {
      ...around('lamp'),
      initial: 'off',
      states: {
        off: { ...around('off'), on: { TOGGLE: 'on', POWER: 'on' } },
        on: { ...around('on'), on: { TOGGLE: 'off' } },
      },
    },
    fan: {
      ...around('fan'),
      initial: 'still',
      on: { STOP: { target: '.still', actions: mark('stopped') } },
      states: {
        still: { ...around('still'), on: { POWER: 'turning' } },
        turning: {
          ...around('turning'),
          type: 'parallel',
          on: { POWER: { target: 'still', actions: mark('power') } },
          states: {
            speed: {
              initial: 'low',
              states: {
                low: { ...around('low'), on: { FASTER: 'high' } },
                high: { ...around('high'), on: { TOGGLE: 'low' } },
              },
            },
            swing: {
              initial: 'fixed',
              states: {
                fixed: { ...around('fixed'), on: { FASTER: 'swinging' } },
                swinging: around('swinging'),
              },
            },
          },
        },
      },
    },
  },
});

/** Regions whose names are in no particular order, entered by several targets. */
const targets: AnyStateMachine = createMachine({
  id: 'targets',
  initial: 'idle',
  states: {
    idle: { ...around('idle'), on: { SPLIT: { target: ['#z2', '#a2'] } } },
    work: {
      ...around('work'),
      type: 'parallel',
      on: { JOIN: 'idle', TURN: { target: ['#m2', '#z1'], actions: mark('turn') } },
      states: {
        z: {
          initial: 'z1',
          states: { z1: { id: 'z1', ...around('z1') }, z2: { id: 'z2', ...around('z2') } },
        },
        m: {
          initial: 'm1',
          states: {
            m1: { id: 'm1', ...around('m1'), on: { ALL: 'm2' } },
            m2: { id: 'm2', ...around('m2'), on: { ALL: 'm1' } },
          },
        },
        a: {
          initial: 'a1',
          states: {
            a1: { id: 'a1', ...around('a1'), on: { ALL: 'a2' } },
            a2: { id: 'a2', ...around('a2'), on: { ALL: 'a1' } },
          },
        },
      },
    },
  },
});

const shallowHistory: AnyStateMachine = createMachine({
  id: 'shallow',
  initial: 'menu',
  states: {
    menu: {
      ...around('menu'),
      initial: 'first',
      on: { LEAVE: 'away' },
      states: {
        first: { ...around('first'), on: { NEXT: 'second' } },
        second: {
          ...around('second'),
          initial: 'upper',
          on: { NEXT: 'first' },
          states: { upper: { ...around('upper'), on: { DOWN: 'lower' } }, lower: around('lower') },
        },
        last: { type: 'history' },
      },
    },
    away: { ...around('away'), on: { BACK: 'menu.last', FRESH: 'menu' } },
  },
});

const deepHistory: AnyStateMachine = createMachine({
  id: 'deep',
  initial: 'away',
  states: {
    desk: {
      ...around('desk'),
      initial: 'drawer',
      on: { LEAVE: { target: 'away', actions: mark('leaving') } },
      states: {
        drawer: {
          ...around('drawer'),
          initial: 'shut',
          on: { NEXT: 'lid' },
          states: { shut: { ...around('shut'), on: { DOWN: 'open' } }, open: around('open') },
        },
        lid: { ...around('lid'), on: { NEXT: 'drawer' } },
        remembered: { type: 'history', history: 'deep', target: 'drawer.open' },
      },
    },
    away: { ...around('away'), on: { BACK: 'desk.remembered', FRESH: 'desk' } },
  },
});

const parallelHistory: AnyStateMachine = createMachine({
  id: 'parallel-history',
  initial: 'both',
  states: {
    both: {
      ...around('both'),
      type: 'parallel',
      on: { LEAVE: 'away' },
      states: {
        left: {
          initial: 'one',
          states: {
            one: { ...around('left one'), on: { LEFT: 'two' } },
            two: {
              ...around('left two'),
              initial: 'x',
              states: { x: { on: { LEFT: 'y' } }, y: around('left y') },
            },
            before: { type: 'history' },
          },
        },
        right: {
          initial: 'one',
          states: {
            one: { ...around('right one'), on: { RIGHT: 'two' } },
            two: { ...around('right two'), on: { RIGHT: 'one' } },
          },
        },
        all: { type: 'history', history: 'deep' },
        top: { type: 'history', history: 'shallow' },
      },
    },
    away: {
      on: { BACK: 'both.all', HALF: 'both.left.before', TOP: 'both.top', FRESH: 'both' },
    },
  },
});

const completion: AnyStateMachine = createMachine({
  id: 'completion',
  initial: 'step',
  context: { done: [] },
  states: {
    step: {
      initial: 'doing',
      onDone: {
        target: 'both',
        actions: assign({
          done: ({ context, event }) => [
            ...context['done'],
            `${event.type} ${JSON.stringify(event['output'])}`,
          ],
        }),
      },
      states: {
        doing: { on: { DONE: 'done', SKIP: 'skipped' } },
        done: { ...around('done'), type: 'final', output: { by: 'doing' } },
        skipped: { type: 'final', output: ({ event }) => ({ by: event.type }) },
      },
    },
    both: {
      ...around('both'),
      type: 'parallel',
      onDone: { target: 'end', actions: mark('both done') },
      on: { RESET: 'step' },
      states: {
        a: {
          initial: 'doing',
          onDone: { actions: mark('a done') },
          states: { doing: { on: { A: 'ended', DONE: 'ended' } }, ended: { type: 'final' } },
        },
        b: {
          initial: 'doing',
          onDone: { actions: mark('b done') },
          states: { doing: { on: { B: 'ended', DONE: 'ended' } }, ended: { type: 'final' } },
        },
      },
    },
    end: { ...around('end'), on: { RESET: 'step' } },
  },
});

const ending: AnyStateMachine = createMachine({
  id: 'ending',
  ...around('root'),
  initial: 'open',
  context: { count: 0 },
  output: ({ context, event }) => ({ count: context['count'], by: event.output ?? null }),
  states: {
    open: {
      ...around('open'),
      on: {
        COUNT: { actions: assign({ count: ({ context }) => context['count'] + 1 }) },
        CLOSE: 'closed',
        SPLIT: 'split',
      },
    },
    split: {
      type: 'parallel',
      onDone: 'closed',
      states: {
        x: { initial: 'x1', states: { x1: { on: { CLOSE: 'x2' } }, x2: { type: 'final' } } },
        y: { initial: 'y1', states: { y1: { on: { COUNT: 'y2' } }, y2: { type: 'final' } } },
      },
    },
    closed: { ...around('closed'), type: 'final', output: ({ context }) => context['count'] * 2 },
  },
});

const reentry: AnyStateMachine = createMachine({
  id: 'reentry',
  ...around('root'),
  initial: 'a',
  on: {
    ROOT: { target: '#reentry', reenter: true, actions: mark('root again') },
    ROOT_IN: { target: '#reentry.b' },
  },
  states: {
    a: {
      ...around('a'),
      initial: 'x',
      on: {
        SELF: { target: 'a', actions: mark('self') },
        AGAIN: { target: 'a', reenter: true, actions: mark('again') },
        IN: '.y',
        IN_AGAIN: { target: '.y', reenter: true },
        STAY: { actions: mark('stay') },
        OTHER: 'b',
      },
      states: { x: around('x'), y: { ...around('y'), on: { UP: '#reentry.a' } } },
    },
    b: { ...around('b'), on: { OTHER: 'a' } },
  },
});

export const structureCharts: readonly Chart[] = [
  { name: 'nested states', machine: nested, events: events('IN', 'NEXT', 'RESET', 'NOTHING') },
  {
    name: 'initial states, direct targets and re-entry of compound states',
    machine: initialActions,
    events: events('OTHER', 'LEAVE', 'AGAIN', 'BACK'),
  },
  {
    name: 'parallel regions',
    machine: regions,
    events: events('TOGGLE', 'POWER', 'FASTER', 'STOP'),
  },
  {
    name: 'several targets in regions',
    machine: targets,
    events: events('SPLIT', 'JOIN', 'TURN', 'ALL'),
  },
  {
    name: 'shallow history',
    machine: shallowHistory,
    events: events('NEXT', 'DOWN', 'LEAVE', 'BACK', 'FRESH'),
  },
  {
    name: 'deep history with a default target',
    machine: deepHistory,
    events: events('NEXT', 'DOWN', 'LEAVE', 'BACK', 'FRESH'),
  },
  {
    name: 'history of parallel regions',
    machine: parallelHistory,
    events: events('LEFT', 'RIGHT', 'LEAVE', 'BACK', 'HALF', 'TOP', 'FRESH'),
  },
  {
    name: 'completion of compound and parallel states',
    machine: completion,
    events: events('DONE', 'SKIP', 'A', 'B', 'RESET'),
  },
  {
    name: 'a final state with output',
    machine: ending,
    events: events('COUNT', 'CLOSE', 'SPLIT'),
  },
  {
    name: 're-entry and internal transitions',
    machine: reentry,
    events: events('SELF', 'AGAIN', 'IN', 'IN_AGAIN', 'STAY', 'OTHER', 'UP', 'ROOT', 'ROOT_IN'),
  },
];
