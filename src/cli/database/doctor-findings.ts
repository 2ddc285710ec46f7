// What the doctor says of a database: numbers in, findings out. Pure, so that each finding is tested
// without a patient.

import type { GroupCount, StoreExamination, StoreOverview } from '../../store-reader.ts';
import { formatAge, formatBytes } from '../text/moment.ts';
import { formatCount, formatCounted } from '../text/table.ts';

/** `fail`: broken, or money may be lost. `warn`: somebody should look. */
export type Level = 'ok' | 'warn' | 'fail';

export interface Finding {
  readonly level: Level;
  readonly subject: string;
  readonly text: string;
  /** What to do; null when there is nothing. */
  readonly advice: string | null;
}

/** A due timer that an engine leaves for longer than this is more than a busy moment. */
const LATE_MS = 60_000;
/** Where sagas wait for people. */
const STANDING_STILL: readonly string[] = ['needsAttention', 'held'];
/** The size at which an engine insists on emptying its WAL. */
const LARGE_WAL_BYTES = 64 * 1024 * 1024;
/** A part of the file, from which on its empty pages are worth a word. */
const LARGE_FREE_PART = 0.5;

/** What is found by a look at all actors together. */
export function findInContents(
  overview: StoreOverview,
  groups: readonly GroupCount[],
  hasEngine: boolean,
  now: number,
): readonly Finding[] {
  return [
    ...findActors(groups),
    findWaitingSagas(groups),
    findDue(overview, hasEngine, now),
    findInbox(overview, hasEngine),
    ...findDeadLetters(overview),
  ];
}

/** What is found by a look at the file. */
export function findInFile(examination: StoreExamination): readonly Finding[] {
  const { path, schemaVersion, journalMode, databaseBytes, freeBytes, damages } = examination;
  const file = `${path}: schema ${schemaVersion}, ${formatBytes(databaseBytes)}`;
  const isHalfEmpty = freeBytes > databaseBytes * LARGE_FREE_PART && freeBytes > LARGE_WAL_BYTES;
  return [
    isHalfEmpty
      ? warn(
          'database',
          `${file}, ${formatBytes(freeBytes)} of them empty`,
          'Stop the engine and run VACUUM if the disk is short of room.',
        )
      : ok('database', file),
    journalMode === 'wal'
      ? ok('journal mode', 'wal')
      : fail(
          'journal mode',
          `${journalMode}, not wal`,
          'Another program has changed it. Opening the database with an engine sets it again.',
        ),
    damages === null
      ? ok('integrity', 'not checked')
      : damages.length === 0
        ? ok('integrity', 'SQLite finds every page and row well')
        : fail(
            'integrity',
            damages.join('; '),
            'Stop the engine, keep a copy of the file, and restore a backup. Rows of actors can be made again from the journal: engine.rebuild.',
          ),
    findLock(examination),
    findWal(examination),
  ];
}

function findLock({ lock }: StoreExamination): Finding {
  if (!lock.isHeld) return ok('engine', 'none has the database open');
  return ok('engine', `the process ${lock.pid ?? '(unknown)'} has the database open`);
}

function findWal({ walBytes }: StoreExamination): Finding {
  const text = formatBytes(walBytes);
  if (walBytes <= LARGE_WAL_BYTES) return ok('WAL', text);
  return warn(
    'WAL',
    text,
    'Some program reads in one long transaction and keeps it from shrinking: find and end it.',
  );
}

function findActors(groups: readonly GroupCount[]): readonly Finding[] {
  const countOf = (status: string): number =>
    groups.reduce((sum, group) => sum + (group.status === status ? group.count : 0), 0);
  const all = groups.reduce((sum, { count }) => sum + count, 0);
  const parked = countOf('parked');
  const failed = countOf('error');
  return [
    ok('actors', `${formatCount(all)}, ${formatCount(countOf('active'))} of them active`),
    parked === 0
      ? ok('parked actors', 'none')
      : fail(
          'parked actors',
          `${formatCounted(parked, 'actor')} whose row fits no machine`,
          'See them by: sagawright list --status parked. Register their machine and version, give a migration, or rebuild them.',
        ),
    failed === 0
      ? ok('failed actors', 'none')
      : warn(
          'failed actors',
          `${formatCounted(failed, 'actor')} waiting for somebody`,
          'See them by: sagawright list --status error. Mend the cause, then retry their dead letters.',
        ),
  ];
}

function findWaitingSagas(groups: readonly GroupCount[]): Finding {
  const waiting = STANDING_STILL.map((state) => {
    const there = groups.filter((group) => group.status === 'active' && group.state === state);
    return { state, count: there.reduce((sum, { count }) => sum + count, 0) };
  }).filter(({ count }) => count > 0);
  if (waiting.length === 0) return ok('waiting sagas', 'none');
  const see = waiting.map(({ state }) => `sagawright list --state ${state}`).join(', ');
  return warn(
    'waiting sagas',
    waiting.map(({ state, count }) => `${formatCount(count)} in ${state}`).join(', '),
    `See them by: ${see}. Mend the cause, then retry them; a held one may be turned back by compensate.`,
  );
}

function findDue({ due, oldestWakeAt }: StoreOverview, hasEngine: boolean, now: number): Finding {
  const subject = 'timers and retries';
  if (oldestWakeAt === null) return ok(subject, 'none wait');
  const oldest = `the oldest ${formatAge(oldestWakeAt, now)}`;
  if (due === 0) return ok(subject, `none due, ${oldest}`);
  const text = `${formatCount(due)} due, ${oldest}`;
  if (!hasEngine) return warn(subject, text, 'Start the engine: nobody else takes them up.');
  if (now - oldestWakeAt < LATE_MS) return ok(subject, text);
  return warn(
    subject,
    text,
    'The engine is late: it may be overloaded, or a handler blocks its event loop.',
  );
}

function findInbox({ inbox }: StoreOverview, hasEngine: boolean): Finding {
  const text = formatCounted(inbox, 'message');
  if (inbox === 0) return ok('inbox', 'empty');
  if (hasEngine) return ok('inbox', `${text} waiting for a turn`);
  return warn('inbox', `${text} waiting for an engine`, 'Start the engine: it takes them first.');
}

function findDeadLetters({ deadLetters }: StoreOverview): readonly Finding[] {
  const reasons = Object.entries(deadLetters);
  if (reasons.length === 0) return [ok('dead letters', 'none')];
  return reasons.map(([reason, count]) => {
    const text = `${formatCount(count)} ${reason}`;
    const see = `See them by: sagawright dead-letters --reason ${reason}`;
    return reason === 'LATE_SUCCESS'
      ? fail(
          'dead letters',
          `${text}: done after nobody waited any more`,
          `${see}. Undo by hand what they did, then discard them.`,
        )
      : warn('dead letters', text, `${see}. Mend the cause, then retry or discard them.`);
  });
}

function ok(subject: string, text: string): Finding {
  return { level: 'ok', subject, text, advice: null };
}

function warn(subject: string, text: string, advice: string): Finding {
  return { level: 'warn', subject, text, advice };
}

function fail(subject: string, text: string, advice: string): Finding {
  return { level: 'fail', subject, text, advice };
}
