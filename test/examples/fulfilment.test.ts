// The five examples of examples/fulfilment/ with everything that can be made to go wrong in them, in this
// process. What must come of it is told by rule in fulfilment-rules.ts.

import { type OrderState, orderMachine } from 'sagawright/machines';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../examples/fulfilment/fulfilments.ts';
import { type Ended, runExample } from '../../examples/fulfilment/run.ts';
import { runBounded } from '../../examples/orders/bounded-work.ts';
import { createTroubles, foretell, STORIES, type Story, type Trouble } from './fulfilment-rules.ts';

/** So few that a call's own time limit is only passed by those that are to pass it. */
const AT_ONE_TIME = 10;

const ENDED: readonly OrderState[] = Object.entries(orderMachine.states)
  .filter(([, { type }]) => type === 'final')
  .map(([name]) => name as OrderState);

interface Run {
  readonly troubles: readonly Trouble[];
  readonly isRetried: boolean;
}

function createRuns(story: Story): readonly Run[] {
  return createTroubles(story).flatMap((troubles) =>
    [false, true].map((isRetried) => ({ troubles, isRetried })),
  );
}

async function run(name: string, { troubles, isRetried }: Run): Promise<Ended> {
  const faults = new Map(troubles.map(({ step, fault }) => [step, fault]));
  return runExample({ name, faults, db: null, isRetried }, () => undefined);
}

function tell({ troubles, isRetried }: Run): string {
  const flags = troubles.map(({ step, fault }) => `--${fault} ${step}`);
  return [...flags, ...(isRetried ? ['--retry'] : [])].join(' ');
}

describe.each(STORIES)('the example $name', (story) => {
  const { name } = story;

  it('names the steps that can go wrong', () => {
    const { undoable, pivot, forward, mails } = story;
    const steps = [...undoable, ...undoable.map((step) => `${step}.undo`), ...forward, ...mails];
    expect([...(EXAMPLES[name]?.steps ?? [])].sort()).toEqual(
      [...steps, ...(pivot === null ? [] : [pivot])].sort(),
    );
  });

  it('ends whole and as it must, whatever goes wrong', async () => {
    const runs = createRuns(story);
    const wrong: object[] = [];
    await runBounded(runs, AT_ONE_TIME, async (each) => {
      const { saga, order, isWhole } = await run(name, each);
      const must = foretell(story, each.troubles, each.isRetried);
      const isRight =
        saga === must.saga &&
        (must.order === null ? !ENDED.includes(order as OrderState) : order === must.order);
      if (!isWhole || !isRight) wrong.push({ run: tell(each), saga, order, isWhole, must });
    });
    console.log(`${name}: ${runs.length} runs`);
    expect(wrong).toEqual([]);
  });
});

describe('what must come of an order', () => {
  it('is every way to end, in every example', () => {
    for (const story of STORIES) {
      const ends = createRuns(story).map(
        ({ troubles, isRetried }) => foretell(story, troubles, isRetried).saga,
      );
      expect(new Set(ends)).toEqual(new Set(['completed', 'compensated', 'needsAttention']));
    }
    expect(STORIES.map(({ name }) => name)).toEqual(Object.keys(EXAMPLES));
  });
});
