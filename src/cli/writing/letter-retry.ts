// A dead letter on its way back to its actor: shown, agreed to, delivered again by an engine that holds
// its effects. A failed actor goes on by it.

import { checkRetry, letterNotFound } from '../../client/dead-letters.ts';
import type { DeadLetterRecord } from '../../store.ts';
import { terminalFor } from '../command.ts';
import { checkConsent, isAgreed } from '../consent.ts';
import { whileHolding } from '../engine-session.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { withReader } from '../reader-session.ts';
import { causeText, deadLetterJson } from '../text/dead-letter-view.ts';
import { jsonText, printable } from '../text/printable.ts';
import { plainSnapshot, stateText, waitingLines } from './look-text.ts';
import { tellReceipt, type WritingScene } from './telling.ts';

/** @throws EngineError `DEAD_LETTER_NOT_FOUND`, `DEAD_LETTER_LOOP`, `BAD_OPTION` for one that only reports */
export async function retryLetter(
  id: number,
  isForced: boolean,
  { setup, options, context }: WritingScene,
): Promise<void> {
  const terminal = terminalFor(context, options);
  checkConsent(terminal, options);
  const letter = await readLetter(id, options);
  checkRetry(letter, isForced);
  const { actor, type } = letter;
  if (options.json !== true) terminal.print(letterText(letter));
  if (options.dryRun === true) {
    if (options.json === true)
      terminal.print(jsonText({ dryRun: true, letter: deadLetterJson(letter) }, 2));
    else terminal.print(printable(`It would be delivered to ${actor} again.`));
    return;
  }
  if (!(await isAgreed(terminal, options, printable(`Deliver it to ${actor} again?`)))) return;
  const code = await whileHolding(setup, terminal, async (engine) => {
    const receipt = await engine.deadLetters.retry(id, { force: isForced });
    if (receipt !== null) {
      return tellReceipt(
        engine,
        { actor, event: { type }, receipt },
        terminal,
        options.json === true,
      );
    }
    const [now = null] = await engine.read([actor]);
    if (options.json === true) {
      const told = { actor, letter: id, receipt, now: now && plainSnapshot(now) };
      terminal.print(jsonText(told, 2));
      return EXIT_CODES.ok;
    }
    terminal.print(
      printable(`${actor} goes on in ${stateText(now?.value)}; the call is made again.`),
    );
    for (const line of waitingLines(now, terminal.now())) terminal.print(printable(line));
    return EXIT_CODES.ok;
  });
  context.end(code);
}

/** @throws EngineError `DEAD_LETTER_NOT_FOUND`, and what reading throws */
export function readLetter(
  id: number,
  options: WritingScene['options'],
): Promise<DeadLetterRecord> {
  return withReader(options, async (reader) => {
    const letter = await reader.deadLetter(id);
    if (letter === undefined) throw letterNotFound(id);
    return letter;
  });
}

/** One line about a letter, harmless on a terminal. */
export function letterText({ id, actor, reason, type, error }: DeadLetterRecord): string {
  return printable(`Letter ${id} of ${actor}: ${reason} on ${type}: ${causeText(error)}`);
}
