// Seeds that find a bug when it is put back into the engine, by what they find. A change of the workload or
// of the faults moves them: look for new ones then, with the bug put back. What takes too many seeds has a
// test of its own in test/engine.

export const REGRESSION_SEEDS: Readonly<Record<string, number>> = {
  'a named child that fails after a restart stopped the engine: its name was freed unread': 114,
  'an attempt whose record was refused once was never made': 307,
  'an ask from the inbox whose commit was refused got no answer': 8,
};
