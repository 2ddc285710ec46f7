// The mended machine of fragile.ts, as `--machines` finds it.

import type { AnyStateMachine } from 'xstate';
import { createFragile } from './fragile.ts';

export const fragile: AnyStateMachine = createFragile(true);
