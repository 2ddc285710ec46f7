// One trip from start to end: what the agency was asked, how the saga ended, and the bookings that stand,
// held against it. Says whether they agree; prints where it is told to.

import { openEngine, Rejected } from 'sagawright';
import { memoryStore } from 'sagawright/store';
import { type Fault, type Faults, undergo } from '../fulfilment/faults.ts';
import type { Print } from '../program.ts';
import { type RenderOptions, renderTable, type Table } from '../table.ts';
import { Agency, type Entry } from './agency.ts';
import { type BookingRequest, type CancelRequest, type ItineraryRequest, trip } from './trip.ts';

export interface Ended {
  /** How the saga has ended. */
  readonly status: string;
  readonly bookings: readonly Entry[];
  /** Whether the bookings that stand are those of the saga's end, and the journal agrees. */
  readonly isWhole: boolean;
}

/** A call of one of the trip's effects. */
interface Call<Input> {
  readonly input: Input;
  readonly key: string;
  readonly signal: AbortSignal;
}

export async function runTrip(
  bySteps: ReadonlyMap<string, Fault>,
  print: Print,
  look: RenderOptions = {},
): Promise<Ended> {
  const agency = new Agency();
  await using engine = await openEngine({
    store: memoryStore(),
    machines: [trip],
    handlers: createHandlers(agency, bySteps, print),
  });
  const actor = await engine.start(trip, {
    id: 'trip-1',
    input: {
      traveller: 'customer-456',
      from: 'Oslo',
      to: 'Lisbon',
      departs: '2027-05-14',
      nights: 3,
    },
  });
  const { status, failure, ignored, results } = await actor.result();
  const why = failure === null ? '' : `, because of ${failure.step} (${failure.code})`;
  const left = ignored.map(({ step, code }) => ` Without ${step} (${code}).`).join('');
  print(`\nThe trip is ${status}${why}.${left}\n`);
  const bookings = agency.entries();
  const kept = [results.flight, results.hotel, results.car].map((booking) => booking?.reference);
  const expected = status === 'completed' ? kept : [];
  print(renderTable(createBooks(bookings, expected), look));
  const standing = bookings.filter(({ status }) => status === 'booked');
  const areEqual =
    standing.length === expected.length &&
    standing.every(({ reference }) => expected.includes(reference ?? undefined));
  const { mismatches } = await engine.verify();
  const isVerified = mismatches.length === 0;
  print(
    `\n${areEqual ? 'The books are equal' : 'THE BOOKS DIFFER'}; the journal ${isVerified ? 'agrees with every actor' : 'DISAGREES'}.`,
  );
  return { status, bookings, isWhole: areEqual && isVerified };
}

function createHandlers(agency: Agency, bySteps: Faults['bySteps'], print: Print) {
  const faults: Faults = { bySteps, cancel: () => Promise.resolve() };
  /** Makes a call, and says what came of it. */
  const tell = async <Input, Output>(
    call: Call<Input>,
    what: string,
    act: () => Output,
    name: (output: Output) => string,
  ): Promise<Output> => {
    try {
      const output = await undergo(faults, call, () => Promise.resolve(act()));
      print(`${what}: ${name(output)}`);
      return output;
    } catch (error) {
      print(`${what}: ${error instanceof Rejected ? error.code : 'no reply'}`);
      throw error;
    }
  };
  return {
    book: (call: Call<BookingRequest>) => {
      const { part, what } = call.input;
      const act = () => agency.book(call.key, part, what);
      return tell(call, `book ${part} ${what}`, act, ({ reference }) => reference);
    },
    cancel: (call: Call<CancelRequest>) => {
      const { key, input } = call.input.undoes;
      const act = () => agency.cancel(call.key, input.part, key);
      return tell(call, `cancel ${input.part}`, act, ({ status }) => status);
    },
    sendItinerary: (call: Call<ItineraryRequest>) =>
      tell(
        call,
        `send itinerary ${call.input.references.join(', ')}`,
        () => null,
        () => 'sent',
      ),
  };
}

function createBooks(bookings: readonly Entry[], expected: readonly (string | undefined)[]): Table {
  return {
    columns: [{ title: 'at the agency' }, { title: 'reference' }, { title: '' }, { title: 'kept' }],
    rows: bookings.map(({ part, reference, status }) => [
      part,
      reference,
      status,
      expected.includes(reference ?? undefined) ? 'yes' : 'no',
    ]),
  };
}
