// The type of a machine, written down: XState infers none that a package can export without repeating
// the whole chart. Says only what tells one machine from another. Types only.

import type {
  AnyActorRef,
  EventObject,
  MachineContext,
  MetaObject,
  StateMachine,
  StateSchema,
  StateValue,
  UnknownActorLogic,
} from 'xstate';

/** What a machine's type is made of. */
interface MachineParts {
  context: MachineContext;
  event: EventObject;
  /** The logic of its invoked actors by their names. */
  actors: Record<string, UnknownActorLogic>;
  /** The names of its delays. */
  delay: string;
  state: StateValue;
  input: unknown;
  output: unknown;
  emitted: EventObject;
}

/** `{ chargeCard: Logic }` as `{ src: 'chargeCard', logic: Logic, id: ... }`: XState wants a union. */
type ActorsByName<Actors extends MachineParts['actors']> = {
  [Name in keyof Actors & string]: {
    src: Name;
    logic: Actors[Name];
    id: string | undefined;
  };
}[keyof Actors & string];

export type WrittenMachine<Parts extends MachineParts> = StateMachine<
  Parts['context'],
  Parts['event'],
  Record<string, AnyActorRef | undefined>,
  ActorsByName<Parts['actors']>,
  never,
  never,
  Parts['delay'],
  Parts['state'],
  string,
  Parts['input'],
  Parts['output'],
  Parts['emitted'],
  MetaObject,
  StateSchema
>;
