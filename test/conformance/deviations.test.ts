// Each deviation is shown on both sides: what a living XState actor does, and what the engine does.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { deviatingActors } from './deviating-actors.ts';
import { deviatingCode } from './deviating-code.ts';
import { type DeviationId, deviations } from './deviations.ts';

const shown = { ...deviatingActors, ...deviatingCode };

describe('the engine deviates on purpose', () => {
  // XState warns of each event that reaches a child which has ended.
  beforeAll(() => void vi.spyOn(console, 'warn').mockReturnValue(undefined));
  afterAll(() => void vi.restoreAllMocks());

  it.each(Object.keys(deviations) as DeviationId[])('in %s', async (id) => {
    const show = shown[id];
    expect(show, 'a test of this deviation').toBeDefined();
    await show?.();
  });
});
