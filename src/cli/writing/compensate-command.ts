// `sagawright compensate <actor>`: turns a saga back. A held one is told COMPENSATE, any other CANCEL,
// which it refuses past its pivot.

import type { Engine } from '../../engine.ts';
import { type AddCommand, addSharedOptions } from '../command.ts';
import { addWriteOptions, checkConsent, type WriteOptions } from '../consent.ts';
import { whilePaused } from '../engine-session.ts';
import { loadSetup, type Setup } from '../load-config.ts';
import { lookAt, type Telling, tellActor } from './telling.ts';

interface CompensateOptions extends WriteOptions {
  readonly reason?: string;
}

export const addCompensate: AddCommand = (program, context) => {
  const command = program
    .command('compensate')
    .description(
      'turns a saga back, by COMPENSATE if it is held, else by CANCEL; its undos run in the next engine',
    )
    .argument('<actor>', 'the id of the saga')
    .option('--reason <text>', 'why it is cancelled; journaled with CANCEL');
  addSharedOptions(addWriteOptions(command)).action(
    async (actor: string, options: CompensateOptions) => {
      checkConsent(context.terminal, options);
      const setup = await loadSetup(options);
      const telling = await whilePaused(setup, context.terminal, (engine) =>
        chooseEvent(engine, setup, actor, options),
      );
      await tellActor(telling, { setup, options, context });
    },
  );
};

/** The event that the saga takes as it is now; that it still is, the revision sees to. */
async function chooseEvent(
  engine: Engine,
  setup: Setup,
  actor: string,
  { reason }: CompensateOptions,
): Promise<Telling> {
  const { before, preview } = await lookAt(engine, setup, { actor, event: { type: 'COMPENSATE' } });
  const isHeld = preview.status === 'accepted';
  const cancel = { type: 'CANCEL', ...(reason !== undefined && { reason }) };
  const event = isHeld ? { type: 'COMPENSATE' } : cancel;
  return { actor, event, expectedRevision: before?.revision ?? 0 };
}
