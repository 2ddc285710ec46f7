// `node --conditions=sagawright-source examples/sagas/main.ts [name]`: runs one of the small sagas here,
// or all of them, and prints every call that it makes.

import { run as attention } from './attention.ts';
import { run as cancelled } from './cancelled.ts';
import { run as deadline } from './deadline.ts';
import { run as graph } from './graph.ts';
import { run as held } from './held.ts';
import { run as nested } from './nested.ts';
import { run as optionalStep } from './optional-step.ts';
import { run as pivot } from './pivot.ts';
import { run as sequence } from './sequence.ts';
import type { Print } from './shop.ts';

const EXAMPLES: Readonly<Record<string, (print: Print) => Promise<void>>> = {
  sequence,
  graph,
  pivot,
  'optional-step': optionalStep,
  cancelled,
  deadline,
  held,
  attention,
  nested,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in EXAMPLES));
if (unknown.length > 0) {
  console.error(
    `Expected names out of ${Object.keys(EXAMPLES).join(', ')}; got ${unknown.join(', ')}.`,
  );
  process.exitCode = 2;
} else {
  for (const name of wanted.length > 0 ? wanted : Object.keys(EXAMPLES)) {
    console.log(name);
    await EXAMPLES[name]?.((line) => console.log(line));
  }
}
