// Charts about actions: assign in all its forms, parameters, enqueued and conditional actions, logs,
// emitted events, and the order of all of them across exits, transitions and entries.

import { produce } from 'immer';
import {
  type AnyStateMachine,
  assign,
  createMachine,
  emit,
  enqueueActions,
  log,
  raise,
  setup,
} from 'xstate';
import type { Chart } from './chart.ts';

const events = (...types: readonly string[]) => types.map((type) => ({ type }));
const nothing = (): undefined => undefined;

const assigns: AnyStateMachine = setup({
  types: { input: {} as { readonly from: number } },
}).createMachine({
  context: ({ input }) => ({ count: input.from, items: [], nested: { a: 1, b: { c: 2 } } }),
  initial: 'a',
  states: {
    a: {
      entry: assign({ entered: ({ context }) => (context['entered'] ?? 0) + 1 }),
      exit: assign(({ context }) => ({ left: `a at ${context['count']}` })),
      on: {
        ADD: {
          actions: assign({
            count: ({ context, event }) => context['count'] + event['by'],
            // All members see the context as it was before this action.
            last: ({ context }) => context['count'],
            fixed: 'text',
          }),
        },
        PUSH: {
          actions: [
            assign(({ context, event }) => ({ items: [...context['items'], event['by']] })),
            assign({ size: ({ context }) => context['items'].length }),
          ],
        },
        DROP: { actions: assign({ fixed: undefined, nested: ({ context }) => context['nested'] }) },
        DEEP: {
          actions: assign(({ context }) =>
            produce(context, (draft) => {
              draft['nested'].b.c += 1;
            }),
          ),
        },
        NEXT: { target: 'b', actions: assign({ count: 0 }) },
      },
    },
    b: { on: { NEXT: 'a', PUSH: { target: 'a', actions: assign({ items: [] }) } } },
  },
});

const parameters: AnyStateMachine = setup({
  actions: {
    plain: nothing,
    note: (_, _params: { readonly text: string; readonly deep?: unknown }) => undefined,
    keep: assign({ kept: (_, { text }: { readonly text: string }) => text }),
    tell: emit((_, { text }: { readonly text: string }) => ({ type: 'told', text })),
  },
}).createMachine({
  context: { kept: 'none' },
  initial: 'a',
  entry: 'plain',
  states: {
    a: {
      entry: { type: 'note', params: { text: 'in a' } },
      exit: [{ type: 'note', params: ({ context }) => ({ text: `kept ${context['kept']}` }) }],
      on: {
        SAY: {
          actions: [
            { type: 'keep', params: ({ event }) => ({ text: event['text'] }) },
            {
              type: 'tell',
              params: ({ context, event }) => ({ text: context['kept'] + event['text'] }),
            },
            {
              type: 'note',
              params: ({ event }) => ({ text: event.type, deep: { list: [1, null] } }),
            },
            function inline() {},
            () => undefined,
          ],
        },
        NEXT: { target: 'b', actions: ['plain', { type: 'plain' }] },
      },
    },
    b: { on: { NEXT: 'a', SAY: { actions: { type: 'note', params: { text: 'in b' } } } } },
  },
});

const enqueued: AnyStateMachine = setup({
  actions: { plain: nothing, note: (_, _params: { readonly n: number }) => undefined },
  guards: { isLarge: ({ context }) => context['n'] > 3 },
}).createMachine({
  context: { n: 0 },
  initial: 'a',
  on: {
    RUN: {
      actions: enqueueActions(({ context, event, enqueue, check }) => {
        enqueue.assign({ n: context['n'] + event['by'] });
        enqueue('plain');
        enqueue({ type: 'note', params: { n: context['n'] } });
        // Sees the context before what was enqueued.
        if (check('isLarge')) {
          enqueue.emit({ type: 'large' });
          enqueue.assign({ n: 0 });
        } else {
          enqueue.raise({ type: 'NEXT' });
        }
        enqueue(log('run'));
        enqueue.cancel('later');
        enqueue.raise({ type: 'LATER' }, { id: 'later', delay: 50 });
        if (event['by'] > 2) enqueue.cancel('later');
      }),
    },
  },
  states: {
    a: { on: { NEXT: 'b' }, exit: enqueueActions(({ enqueue }) => enqueue.emit({ type: 'left' })) },
    b: {
      entry: 'plain',
      on: { NEXT: 'a', LATER: { target: 'a', actions: log(({ event }) => event.type) } },
    },
  },
});

const reports: AnyStateMachine = createMachine({
  id: 'reports',
  context: { n: 1 },
  initial: 'a',
  entry: log('started'),
  states: {
    a: {
      entry: [
        log(({ context }) => `a ${context['n']}`, 'label'),
        emit(({ context }) => ({ type: 'entered', at: 'a', n: context['n'] })),
      ],
      exit: emit({ type: 'left', at: 'a' }),
      on: {
        NEXT: {
          target: 'b',
          actions: [
            emit({ type: 'before' }),
            assign({ n: ({ context }) => context['n'] + 1 }),
            emit(({ context, event }) => ({ type: 'after', n: context['n'], by: event.type })),
          ],
        },
      },
    },
    b: { entry: log(), on: { NEXT: { target: 'a', actions: log(({ self }) => self.id === '') } } },
  },
});

/** Exits from within, transition, entries from without; raised events only after all of them. */
const ordered: AnyStateMachine = setup({
  actions: { note: (_, _name: string) => undefined },
}).createMachine({
  initial: 'left',
  states: {
    left: {
      entry: { type: 'note', params: '+left' },
      exit: [{ type: 'note', params: '-left' }, raise({ type: 'RAISED' })],
      initial: 'inner',
      states: {
        inner: {
          exit: [{ type: 'note', params: '-inner' }, assign({ from: 'inner' })],
          on: {
            GO: {
              target: '#right',
              actions: [{ type: 'note', params: 'going' }, emit({ type: 'going' })],
            },
            STAY: { actions: [{ type: 'note', params: 'staying' }, raise({ type: 'GO' })] },
          },
        },
      },
    },
    right: {
      id: 'right',
      entry: [{ type: 'note', params: '+right' }, emit({ type: 'arrived' })],
      initial: 'one',
      on: { GO: 'left' },
      states: {
        one: {
          entry: { type: 'note', params: '+one' },
          on: { RAISED: { target: 'two', actions: { type: 'note', params: 'raised' } } },
        },
        two: { entry: { type: 'note', params: '+two' } },
      },
    },
  },
});

/** A machine without context or states still takes events. */
const bare: AnyStateMachine = createMachine({
  on: { PING: { actions: emit({ type: 'pong' }) } },
});

export const actionCharts: readonly Chart[] = [
  {
    name: 'assign by functions, objects and immer',
    machine: assigns,
    input: { from: 10 },
    events: [
      { type: 'ADD', by: 2 },
      { type: 'ADD', by: -0.5 },
      { type: 'PUSH', by: 'x' },
      ...events('DROP', 'DEEP', 'NEXT'),
    ],
  },
  {
    name: 'actions with parameters',
    machine: parameters,
    events: [{ type: 'SAY', text: 'a' }, { type: 'SAY', text: '\u{1F680}' }, { type: 'NEXT' }],
  },
  {
    name: 'enqueued actions',
    machine: enqueued,
    events: [
      { type: 'RUN', by: 1 },
      { type: 'RUN', by: 3 },
      { type: 'NEXT', by: 0 },
    ],
    advances: [20, 60],
  },
  { name: 'logs and emitted events', machine: reports, events: events('NEXT') },
  { name: 'the order of actions', machine: ordered, events: events('GO', 'STAY') },
  { name: 'a machine without states', machine: bare, events: events('PING', 'OTHER') },
];
