// A small saga in an engine on virtual time, with a machine that waits as its middle step: what is
// booked before it is undone when the saga turns back, what is shipped after it needs its good end.

import { type ActorClient, effect, Rejected, type SagaMachine, saga } from 'sagawright';
import type { AnyStateMachine, InputFrom } from 'xstate';
import { EngineWorld } from '../support/engine-world.ts';

/** What is done around the step, and undone. */
type Call = 'book' | 'unbook' | 'ship';

const call = (name: Call) => effect<unknown, unknown>({ name });

/** `book` (undone by `unbook`, or a pivot), then the step, then `ship`. */
export function createWaitingSaga<Machine extends AnyStateMachine>(
  step: 'approval' | 'delivery',
  machine: Machine,
  input: InputFrom<Machine>,
  isBookedForGood = false,
): SagaMachine<unknown, Readonly<Record<string, unknown>>> {
  const start = saga<unknown>(`with-${step}`);
  const booking = { run: call('book'), input: () => 'seat' };
  const booked = isBookedForGood
    ? start.pivot('booking', booking)
    : start.step('booking', { ...booking, compensate: call('unbook') });
  return booked
    .step(step, { run: machine, input: () => input })
    .step('shipping', { run: call('ship'), input: () => 'parcel' })
    .build() as unknown as SagaMachine<unknown, Readonly<Record<string, unknown>>>;
}

export class WaitingWorld implements AsyncDisposable {
  /** Calls in the order in which they were made. */
  readonly calls: Call[] = [];
  readonly world: EngineWorld;
  /** Whether the step after the one that waits is refused. */
  refusesShipping = false;
  readonly #saga: ReturnType<typeof createWaitingSaga>;
  readonly #machine: AnyStateMachine;
  readonly #step: string;

  constructor(
    step: 'approval' | 'delivery',
    machine: AnyStateMachine,
    input: InputFrom<AnyStateMachine>,
    isBookedForGood = false,
  ) {
    this.#saga = createWaitingSaga(step, machine, input, isBookedForGood);
    this.#machine = machine;
    this.#step = step;
    const note = (name: Call) => async (): Promise<string> => {
      this.calls.push(name);
      if (name === 'ship' && this.refusesShipping) throw new Rejected('NO_VAN');
      return name;
    };
    this.world = new EngineWorld({
      machines: [this.#saga, machine],
      handlers: {
        book: note('book'),
        ship: note('ship'),
        ...(!isBookedForGood && { unbook: note('unbook') }),
      },
    });
  }

  /** Starts the saga, which goes on until it waits. */
  async start(): Promise<void> {
    await this.world.open();
    await this.world.engine.start(this.#saga, { id: 's', input: {} });
    await this.world.time.settle();
  }

  get saga(): ActorClient {
    return this.world.engine.actor(this.#saga, 's');
  }

  /** The machine that waits, as a child of the saga. */
  get waiting(): ActorClient {
    return this.world.engine.actor(this.#machine, `s/${this.#step}`);
  }

  /** Tells the machine that waits, and answers with the receipt's status. */
  async tell(event: { readonly type: string; readonly [name: string]: unknown }): Promise<string> {
    const { status } = await this.waiting.send(event);
    await this.world.time.settle();
    return status;
  }

  async advance(byMs: number): Promise<void> {
    await this.world.time.advance(byMs);
    await this.world.time.settle();
  }

  /** Time that passes while no engine runs; then the next one opens. */
  async sleepThrough(byMs: number): Promise<void> {
    await this.world.abandon();
    this.world.time.stall(byMs);
    await this.world.open();
    // Runs what has fallen due in the meantime.
    await this.advance(0);
  }

  async value(): Promise<unknown> {
    return (await this.saga.snapshot()).value;
  }

  /** What differs between rows and journal or cannot be compared, and what was given up on. */
  async verify(): Promise<readonly unknown[]> {
    const { mismatches, unverifiable } = await this.world.engine.verify();
    return [...mismatches, ...unverifiable, ...(await this.world.deadLetters())];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}
