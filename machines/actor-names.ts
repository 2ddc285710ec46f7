// The type of a machine's invoked actors, from a list of their names: XState wants it as a union when a
// machine's type is written down. Types only.

import type { UnknownActorLogic } from 'xstate';

/** `{ chargeCard: Logic }` as `{ src: 'chargeCard', logic: Logic, id: ... }`. */
export type ActorsByName<Actors extends Readonly<Record<string, UnknownActorLogic>>> = {
  [Name in keyof Actors & string]: {
    src: Name;
    logic: Actors[Name];
    id: string | undefined;
  };
}[keyof Actors & string];
