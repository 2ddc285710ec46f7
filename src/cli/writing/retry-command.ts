// `sagawright retry <actor>`: what stands still goes on. A failed actor gets the message that it failed
// on again; a saga that is held or waits for people is told RETRY.

import type { DeadLetter } from '../../client/dead-letters.ts';
import type { Engine } from '../../engine.ts';
import { type AddCommand, addSharedOptions } from '../command.ts';
import { addWriteOptions, checkConsent, type WriteOptions } from '../consent.ts';
import { whilePaused } from '../engine-session.ts';
import { NotFoundError } from '../exit-code.ts';
import { loadSetup } from '../load-config.ts';
import { noActor } from '../reader-session.ts';
import { retryLetter } from './letter-retry.ts';
import { tellActor } from './telling.ts';

interface RetryCommandOptions extends WriteOptions {
  readonly force?: boolean;
}

export const addRetry: AddCommand = (program, context) => {
  const command = program
    .command('retry')
    .description(
      'lets an actor that stands still go on: a failed one by its dead letter, a saga that waits for people by RETRY',
    )
    .argument('<actor>', 'its id; a child is parent/child')
    .option('--force', 'also a letter that has been delivered again and again');
  addSharedOptions(addWriteOptions(command)).action(
    async (actor: string, options: RetryCommandOptions) => {
      checkConsent(context.terminal, options);
      const setup = await loadSetup(options);
      const scene = { setup, options, context };
      const found = await whilePaused(setup, context.terminal, (engine) => diagnose(engine, actor));
      if (found.letter !== null) await retryLetter(found.letter, options.force === true, scene);
      else {
        const { revision: expectedRevision } = found;
        await tellActor({ actor, event: { type: 'RETRY' }, expectedRevision }, scene);
      }
    },
  );
};

/** The revision that the actor is at, and the letter by which it goes on; null: it has not failed. */
async function diagnose(
  engine: Engine,
  actor: string,
): Promise<{ readonly revision: number; readonly letter: number | null }> {
  const [state = null] = await engine.read([actor]);
  if (state === null) throw noActor(actor);
  const { status, revision } = state;
  if (status !== 'error') return { revision, letter: null };
  // Whatever comes after its failure is ACTOR_FAILED: the newest of these is what it failed on.
  let newest: DeadLetter | null = null;
  for await (const letter of engine.deadLetters.list({ actor, reason: 'STEP_FAILED' }))
    newest = letter;
  if (newest !== null) return { revision, letter: newest.id };
  throw new NotFoundError(
    `Expected the dead letter that ${actor} failed on, found none: it has been discarded.`,
  );
}
