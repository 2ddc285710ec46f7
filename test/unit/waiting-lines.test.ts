// Who is given a place that becomes free: first come, first served among those whose effect has one, and
// without a look at everybody else who waits. Looks are counted, by a policy that is asked.

import { describe, expect, it } from 'vitest';
import { type AnyHandler, type EffectPolicy, SINGLE_ATTEMPT } from '../../src/effects/effect.ts';
import { EffectRunner } from '../../src/effects/effect-runner.ts';
import { EffectSlots } from '../../src/effects/effect-slots.ts';
import type { EffectTask } from '../../src/effects/effect-task.ts';
import { createRunning, type Running } from '../../src/effects/running-effect.ts';
import { WaitingLines } from '../../src/effects/waiting-lines.ts';
import { rootActorId } from '../../src/ids.ts';
import { createLimits } from '../../src/limits.ts';
import { FIRST_ATTEMPT } from '../../src/state/actor-state.ts';
import { ActorHandle, StepSystem } from '../../src/step/handle.ts';
import { VirtualPlatform } from '../support/virtual-platform.ts';

const ONE_AT_A_TIME: EffectPolicy = { ...SINGLE_ATTEMPT, concurrency: 1 };

/** An effect that has not been tried yet. */
function taskOf(
  name: string,
  src: string,
  policy: EffectPolicy,
  handler: AnyHandler | null = null,
): EffectTask {
  const actor = rootActorId(name);
  return {
    actor,
    self: new ActorHandle({ id: name, address: actor, system: new StepSystem() }),
    policy,
    ownKey: false,
    code: { handler, creator: null },
    effect: {
      id: 'fx',
      kind: 'effect',
      src,
      key: name,
      input: null,
      generation: 1,
      ...FIRST_ATTEMPT,
      attempt: 0,
    },
  };
}

function countLooks(policy: EffectPolicy): { readonly policy: EffectPolicy; looks: number } {
  const counted = {
    looks: 0,
    policy: {
      ...policy,
      get concurrency() {
        counted.looks += 1;
        return policy.concurrency;
      },
    },
  };
  return counted;
}

/** The lines of an engine with so many places, and who was started, in order. */
function openLines(places: number): {
  readonly lines: WaitingLines;
  readonly slots: EffectSlots;
  readonly time: VirtualPlatform;
  readonly started: readonly string[];
  readonly join: (name: string, src: string, policy: EffectPolicy) => Running;
} {
  const time = new VirtualPlatform();
  const { platform } = time.startProcess();
  const slots = new EffectSlots(places, platform.monotonic);
  const started: string[] = [];
  const start = ({ task }: Running): void => {
    started.push(task.actor);
  };
  const lines = new WaitingLines({ platform, slots, start });
  const join = (name: string, src: string, policy: EffectPolicy): Running => {
    const running = createRunning(taskOf(name, src, policy));
    lines.join(running);
    return running;
  };
  return { lines, slots, time, started, join };
}

describe('thousands of waiting effects of one name', () => {
  const names = Array.from({ length: 3_000 }, (_, index) => `actor-${index}`);

  it('are started in order of arrival, and the end of one is no walk over all the others', async () => {
    const time = new VirtualPlatform();
    const { platform } = time.startProcess();
    const counted = countLooks(ONE_AT_A_TIME);
    const tasks = new Map<string, EffectTask>();
    const started: string[] = [];
    const looksAtStart: number[] = [];
    const handler: AnyHandler = async ({ actorId }) => {
      started.push(actorId);
      looksAtStart.push(counted.looks);
    };
    const runner = new EffectRunner({
      platform,
      limits: createLimits(),
      findDone: async () => null,
      push: (envelope) => {
        // As after the commit of an attempt's record.
        if (envelope.kind !== 'attempt') return;
        const { effect: name, record } = envelope;
        platform.afterIo(() => {
          const task = tasks.get(name.actor);
          if (task === undefined) throw new Error(`Nobody waits as ${name.actor}.`);
          runner.adopt({ ...task, effect: { ...task.effect, ...record } }, 0);
        });
      },
    });
    for (const name of names) {
      const task = taskOf(name, 'pay', counted.policy, handler);
      tasks.set(name, task);
      runner.adopt(task, 0);
    }
    expect(runner.waiting).toBe(names.length - 1);
    await time.settle();
    expect(started).toEqual(names);
    expect(runner.waiting).toBe(0);
    expect(runner.inFlight).toBe(0);
    const looks = looksAtStart.slice(1).map((at, index) => at - (looksAtStart[index] ?? 0));
    expect(Math.max(...looks)).toBeLessThanOrEqual(4);
  });

  it('take no look at each other as they come or leave', () => {
    const { lines, join, started } = openLines(1_000);
    const counted = countLooks(ONE_AT_A_TIME);
    const all = names.map((name) => join(name, 'pay', counted.policy));
    for (const running of all.slice(1).reverse()) lines.leave(running);
    expect(lines.size).toBe(0);
    expect(started).toEqual(['actor-0']);
    expect(counted.looks).toBeLessThanOrEqual(2 * names.length);
  });
});

describe('a free place', () => {
  it('of the engine goes to who came first, whatever the name', () => {
    const { lines, slots, started, join } = openLines(1);
    join('a', 'pay', SINGLE_ATTEMPT);
    join('b', 'ship', SINGLE_ATTEMPT);
    join('c', 'pay', SINGLE_ATTEMPT);
    join('d', 'mail', SINGLE_ATTEMPT);
    join('e', 'ship', SINGLE_ATTEMPT);
    for (const src of ['pay', 'ship', 'pay', 'mail']) {
      slots.release(src);
      lines.serve();
    }
    expect(started).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('is not kept from those behind one whose own effect has none', () => {
    const { slots, lines, started, join } = openLines(10);
    for (const name of ['a', 'b', 'c']) join(name, 'pay', ONE_AT_A_TIME);
    join('d', 'ship', ONE_AT_A_TIME);
    expect(started).toEqual(['a', 'd']);
    slots.release('pay');
    lines.serve();
    expect(started).toEqual(['a', 'd', 'b']);
    expect(lines.size).toBe(1);
  });

  it('is asked for by each under the policy of its own machine, also under one name', async () => {
    const { time, started, join } = openLines(10);
    const rated: EffectPolicy = { ...SINGLE_ATTEMPT, rate: { limit: 1, perMs: 60_000 } };
    join('a', 'pay', rated);
    join('b', 'pay', rated);
    join('c', 'pay', SINGLE_ATTEMPT);
    expect(started).toEqual(['a', 'c']);
    await time.advance(60_000);
    expect(started).toEqual(['a', 'c', 'b']);
  });

  it('is given to nobody who has left, from wherever in the line', () => {
    const { lines, slots, started, join } = openLines(1);
    const running = ['a', 'b', 'c', 'd', 'e'].map((name) => join(name, 'pay', SINGLE_ATTEMPT));
    for (const index of [1, 3]) {
      const left = running[index];
      if (left !== undefined) lines.leave(left);
    }
    expect(lines.size).toBe(2);
    for (let freed = 0; freed < 3; freed++) {
      slots.release('pay');
      lines.serve();
    }
    expect(started).toEqual(['a', 'c', 'e']);
  });

  it('is given once to one who joins twice', () => {
    const { lines, slots, started, join } = openLines(1);
    join('a', 'pay', SINGLE_ATTEMPT);
    lines.join(join('b', 'pay', SINGLE_ATTEMPT));
    expect(lines.size).toBe(1);
    for (let freed = 0; freed < 2; freed++) {
      slots.release('pay');
      lines.serve();
    }
    expect(started).toEqual(['a', 'b']);
  });

  it('is given to nobody after the end', async () => {
    const { lines, slots, time, started, join } = openLines(1);
    join('a', 'pay', { ...SINGLE_ATTEMPT, rate: { limit: 1, perMs: 1_000 } });
    join('b', 'pay', { ...SINGLE_ATTEMPT, rate: { limit: 1, perMs: 1_000 } });
    lines.close();
    slots.release('pay');
    lines.serve();
    await time.advance(1_000);
    expect(started).toEqual(['a']);
    expect(time.sleepers).toBe(0);
  });
});
