// One event for one actor: looked at beside whoever runs, agreed to, sent by an engine that holds its
// effects, and told how it went. What was agreed to is what was shown: the actor's revision must still be
// the same when the event arrives.

import type { Receipt } from '../../client/receipt.ts';
import type { Engine } from '../../engine.ts';
import { revisionConflict } from '../../turn/view.ts';
import type { CommandContext } from '../command.ts';
import { terminalFor } from '../command.ts';
import { checkConsent, isAgreed, type WriteOptions } from '../consent.ts';
import { actorAt, whileHolding, whilePaused } from '../engine-session.ts';
import { EXIT_CODES, type ExitCode } from '../exit-code.ts';
import type { Setup } from '../load-config.ts';
import type { Terminal } from '../terminal.ts';
import { jsonText, printable } from '../text/printable.ts';
import {
  type Look,
  lookData,
  lookLines,
  plainSnapshot,
  receiptText,
  rejectionText,
  waitingLines,
} from './look-text.ts';

export interface Telling {
  readonly actor: string;
  readonly event: { readonly type: string };
  readonly key?: string;
  readonly expectedRevision?: number;
}

/** An event that was sent, and what came back. */
export interface Told extends Pick<Telling, 'actor' | 'event'> {
  readonly receipt: Receipt;
}

/** What all commands that change something work with. */
export interface WritingScene {
  readonly setup: Setup;
  readonly options: WriteOptions;
  readonly context: CommandContext;
}

/** @throws UsageError, NotFoundError, EngineError as `send` does */
export async function tellActor(telling: Telling, scene: WritingScene): Promise<void> {
  const { setup, options, context } = scene;
  const terminal = terminalFor(context, options);
  checkConsent(terminal, options);
  const isShown = options.yes !== true || options.dryRun === true;
  const agreed = isShown ? await showBefore(telling, scene, terminal) : telling;
  if (agreed === null) return;
  context.end(
    await whileHolding(setup, terminal, (engine) => send(engine, agreed, scene, terminal)),
  );
}

/** Shows what would happen; answers with what is to be sent, to the actor as it was shown, or with null. */
async function showBefore(
  telling: Telling,
  { setup, options, context }: WritingScene,
  terminal: Terminal,
): Promise<Telling | null> {
  const look = await whilePaused(setup, terminal, (engine) => lookAt(engine, setup, telling));
  if (options.json === true) terminal.print(jsonText(lookData(look), 2));
  else for (const line of lookLines(look, terminal.now())) terminal.print(printable(line));
  const code = exitOf(look);
  // A key that was used before gets its first receipt, whatever the actor takes now.
  const isDone = code !== EXIT_CODES.ok && telling.key === undefined;
  if (options.dryRun === true || isDone) {
    context.end(code);
    return null;
  }
  const question = printable(`Send ${telling.event.type} to ${telling.actor}?`);
  if (!(await isAgreed(terminal, options, question))) return null;
  return { expectedRevision: look.before?.revision ?? 0, ...telling };
}

/** @throws EngineError `ACTOR_NOT_FOUND`, `ACTOR_PARKED`, `BAD_ID`, `BAD_EVENT`, `REVISION_CONFLICT` */
export async function lookAt(
  engine: Engine,
  setup: Setup,
  { actor, event, key, expectedRevision }: Telling,
): Promise<Look> {
  const [before = null] = await engine.read([actor]);
  const revision = before?.revision ?? 0;
  const isExpected = expectedRevision === undefined || expectedRevision === revision;
  // A key is asked for first: one that was used gets its receipt at any revision.
  if (!isExpected && key === undefined) throw revisionConflict(actor, expectedRevision, revision);
  const preview = await actorAt(engine, setup, actor).preview(event);
  return { actor, event, before, preview };
}

function exitOf({ preview: { status } }: Look): ExitCode {
  if (status === 'accepted') return EXIT_CODES.ok;
  return status === 'rejected' ? EXIT_CODES.refused : EXIT_CODES.failed;
}

async function send(
  engine: Engine,
  { actor, event, ...how }: Telling,
  { setup, options }: WritingScene,
  terminal: Terminal,
): Promise<ExitCode> {
  const receipt = await actorAt(engine, setup, actor).send(event, how);
  return tellReceipt(engine, { actor, event, receipt }, terminal, options.json === true);
}

/** How the actor has taken it, and what it waits for now. */
export async function tellReceipt(
  engine: Engine,
  { actor, event, receipt }: Told,
  terminal: Terminal,
  isJson: boolean,
): Promise<ExitCode> {
  const code = receipt.status === 'rejected' ? EXIT_CODES.refused : EXIT_CODES.ok;
  const [after = null] = await engine.read([actor]);
  if (isJson) {
    terminal.print(jsonText({ actor, event, receipt, now: after && plainSnapshot(after) }, 2));
    return code;
  }
  if (receipt.status === 'rejected') {
    terminal.complain(printable(rejectionText(actor, event, receipt.value, receipt.enabled)));
    return code;
  }
  terminal.print(printable(receiptText(actor, event, receipt)));
  for (const line of waitingLines(after, terminal.now())) terminal.print(printable(line));
  return code;
}
