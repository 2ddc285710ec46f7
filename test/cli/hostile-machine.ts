// A machine that keeps whatever it is told, also under names that mean something to JavaScript.

import type { AnyStateMachine } from 'xstate';
import { assign, setup } from 'xstate';

export const hostile: AnyStateMachine = setup({
  types: {
    context: {} as {
      readonly said: readonly string[];
      readonly names: Readonly<Record<string, string>>;
    },
    events: {} as { readonly type: 'say'; readonly text: string },
  },
}).createMachine({
  id: 'hostile',
  context: { said: [], names: { constructor: 'a', toString: 'b' } },
  initial: 'listening',
  states: {
    listening: {
      description: '</style></svg><script>document.title = 2</script>',
      on: {
        say: {
          actions: assign({
            said: ({ event }) => [event.text],
            names: ({ event }) => ({ [event.text]: event.text }),
          }),
        },
      },
    },
  },
});
