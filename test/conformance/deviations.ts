// Where the engine does on purpose what XState does not, and why: each is shown by a test of its name,
// and told in docs/statecharts.md. What is not in here is the same, or a bug.

export interface Deviation {
  /** What a living XState actor does. */
  readonly xstate: string;
  readonly engine: string;
  readonly why: string;
}

export type DeviationId =
  | 'a step that throws'
  | 'a step that throws from within'
  | 'a start that throws'
  | 'errors'
  | 'values'
  | 'a delay armed again'
  | 'a delay that is no number'
  | 'delays of several actors due together'
  | 'a child id in use'
  | 'news of a child let go'
  | 'children of a child that breaks'
  | 'a child stopped in the middle of its step'
  | 'a watched child that ignores an event'
  | 'a reducer that is stopped'
  | 'custom actions'
  | 'sending directly'
  | 'snapshots from elsewhere'
  | 'events of XState from outside'
  | 'callbacks and observables'
  | 'logic spawned inline'
  | 'eventless transitions without end'
  | 'machines that spawn themselves'
  | 'calls without end'
  | 'outcomes that come late'
  | 'all names of the system';

export const deviations: Readonly<Record<DeviationId, Deviation>> = {
  'a step that throws': {
    xstate: 'ends the actor in status `error`',
    engine:
      'refuses a message from outside with `STEP_FAILED`, keeps it as a dead letter, and the actor goes on in its last good state; so does a root with what actors send it',
    why: 'one bad message must not end an order',
  },
  'a step that throws from within': {
    xstate: 'ends the actor in an error snapshot without children',
    engine:
      'sets a root to status `error` in its last good state, children kept; `deadLetters.retry` goes on from there. A child ends as in XState, and its parent hears of it',
    why: 'an outcome, a timer or news of a child cannot be refused, and must not be lost',
  },
  'a start that throws': {
    xstate: 'makes an actor in status `error`',
    engine: 'refuses `start` with `STEP_FAILED`; there is no actor, and the id is free',
    why: 'nothing has happened, so nothing is kept',
  },
  errors: {
    xstate: 'hands over whatever was thrown, as it is',
    engine:
      'hands over data: `name`, `message`, `code`; of an effect also `outcome`, `attempts`, `key`, `details`',
    why: 'an error event is stored, and instances cannot be',
  },
  values: {
    xstate: 'keeps any value in context, events and output',
    engine:
      'drops `undefined` members, and refuses with its path what JSON would change: NaN, functions, cycles, Map, Set, class instances',
    why: 'what is read after a restart is what the step has seen',
  },
  'a delay armed again': {
    xstate: 'fires both: the older one can no longer be cancelled',
    engine: 'replaces the older one',
    why: 'an id names one timer, which is what `cancel` and people expect',
  },
  'a delay that is no number': {
    xstate: 'passes NaN and Infinity to the clock, which fires at once',
    engine: 'fails the step with `BAD_DURATION`',
    why: 'a timer that was to be endless would fire at once',
  },
  'delays of several actors due together': {
    xstate: 'fires them in the order of arming',
    engine:
      'does so within one actor; between actors in the order of their commits, after a restart in that of their ids',
    why: 'an order between actors would have to be stored with each timer',
  },
  'a child id in use': {
    xstate: 'lets the older child run on, out of reach',
    engine: 'stops the older child',
    why: 'an address belongs to one actor',
  },
  'news of a child let go': {
    xstate: 'delivers the done or error event of a child that was stopped while it ended',
    engine: 'drops it: the child is not that parent’s any more',
    why: 'news carries the incarnation that it is about, so that a later child is never taken for an earlier one',
  },
  'children of a child that breaks': {
    xstate: 'run on, out of reach',
    engine: 'are stopped with their timers and effects',
    why: 'nobody could stop them any more, or hear of their end',
  },
  'a child stopped in the middle of its step': {
    xstate:
      'finishes its step and what waits in its mailbox, then stops; children that the step starts have their first step',
    engine: 'finishes its step, takes nothing more, and starts no more children',
    why: 'its address may have another owner by then',
  },
  'a watched child that ignores an event': {
    xstate: 'sends its parent a snapshot although nothing changed',
    engine: 'sends one for each event that was handled',
    why: 'what means nothing is not journaled',
  },
  'a reducer that is stopped': {
    xstate: 'gets `xstate.stop` as an event, and a parent that watches gets one snapshot more',
    engine: 'is stopped without being asked',
    why: 'a child that is gone tells nothing more',
  },
  'custom actions': {
    xstate:
      'runs them within the transition, with the context of that moment; a throw is the actor’s error',
    engine:
      'runs them after the commit with the committed context: named ones at least once, inline ones at most once; a throw is a dead letter `ACTION_FAILED`',
    why: 'what a failed commit takes back must not have been done',
  },
  'sending directly': {
    xstate: 'delivers `ref.send()` called in an action or assign',
    engine: 'fails the step with `SEND_IN_STEP` and the advice to use `sendTo`',
    why: 'the message would be lost by a crash, or sent by a step that is refused',
  },
  'snapshots from elsewhere': {
    xstate: 'answers `getSnapshot()` of any actor',
    engine:
      'answers within the actor’s own tree; elsewhere the step fails with `SNAPSHOT_OUT_OF_TREE`',
    why: 'a tree is loaded and committed as one, others are not',
  },
  'events of XState from outside': {
    xstate: 'takes `xstate.*` events from anybody',
    engine: 'refuses `xstate.*` and `effect.*` from outside with `BAD_EVENT`',
    why: 'nobody but the engine knows how a child or an effect has ended',
  },
  'callbacks and observables': {
    xstate: 'runs `fromCallback` and observable logic',
    engine: 'refuses the machine at open with `MACHINE_UNSUPPORTED`, naming the actor or the state',
    why: 'their progress is not in a snapshot, and would be lost by a crash',
  },
  'logic spawned inline': {
    xstate: 'runs `spawn(logic)` and `spawnChild(logic)`',
    engine: 'fails the step with `MACHINE_UNSUPPORTED`; inline `invoke` is fine',
    why: 'inline logic cannot be found again after a restart',
  },
  'eventless transitions without end': {
    xstate: 'goes on until the process ends, unless `maxIterations` is set',
    engine: 'fails the step after 10,000 microsteps',
    why: 'one machine must not stop the others',
  },
  'machines that spawn themselves': {
    xstate: 'goes on until the stack ends',
    engine: 'ends the deepest child with an error at `limits.spawnDepth` (20)',
    why: 'everything is bounded',
  },
  'calls without end': {
    xstate: 'waits for a promise as long as it takes',
    engine:
      'ends an attempt after its timeout, 30 s unless `effect({ timeout })` says otherwise, with outcome `unknown`',
    why: 'a process may never hear of an end, and what is not known may have happened',
  },
  'outcomes that come late': {
    xstate: 'ignores a promise that ends after its actor was stopped',
    engine:
      'journals `effect.late`, offers it to states that handle it, and keeps a success that nobody handles as dead letter `LATE_SUCCESS`',
    why: 'what has happened outside may have to be undone',
  },
  'all names of the system': {
    xstate: 'lists them by `system.getAll()`',
    engine: 'lists none; `system.get(name)` answers',
    why: 'the names of a tree are looked up one by one',
  },
};
