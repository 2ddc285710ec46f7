// `sagawright send <actor> <type>`: one event for one actor, while no engine runs. What it causes is
// committed; calls and timers wait for the next engine.

import { type AddCommand, addSharedOptions, wholeNumber } from '../command.ts';
import { addWriteOptions, type WriteOptions } from '../consent.ts';
import { loadSetup } from '../load-config.ts';
import { readEvent } from './event-data.ts';
import { tellActor } from './telling.ts';

interface SendCommandOptions extends WriteOptions {
  readonly data?: string;
  readonly key?: string;
  readonly expectedRevision?: number;
}

export const addSend: AddCommand = (program, context) => {
  const command = program
    .command('send')
    .description(
      'sends an event to an actor; what the actor asks for in turn waits for the next engine',
    )
    .argument('<actor>', 'its id; a child is parent/child')
    .argument('<type>', "the event's type")
    .option('--data <json>', "the event's other members: JSON, @file, or - for standard input")
    .option('--key <key>', 'the same key again changes nothing')
    .option(
      '--expected-revision <n>',
      'only if the actor is still at this revision',
      wholeNumber('--expected-revision', 0, Number.MAX_SAFE_INTEGER),
    );
  addSharedOptions(addWriteOptions(command)).action(
    async (actor: string, type: string, options: SendCommandOptions) => {
      const { data, key, expectedRevision } = options;
      const event = readEvent(type, data);
      const setup = await loadSetup(options);
      const telling = {
        actor,
        event,
        ...(key !== undefined && { key }),
        ...(expectedRevision !== undefined && { expectedRevision }),
      };
      await tellActor(telling, { setup, options, context });
    },
  );
};
