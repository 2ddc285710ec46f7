// The saga of a trip: flight, hotel and car are booked side by side, and all of them or none are kept. One
// that is refused, or in doubt, has the others cancelled. `sagawright check examples/trip/trip.ts` proves it.

import {
  type CheckOptions,
  type EffectLogic,
  effect,
  type SagaMachine,
  saga,
  type Undoes,
} from 'sagawright';

export interface Trip {
  readonly traveller: string;
  readonly from: string;
  readonly to: string;
  /** `YYYY-MM-DD`. */
  readonly departs: string;
  /** A positive integer. */
  readonly nights: number;
}

/** What can be booked, and the name of the step that does it. */
export type Part = 'car' | 'flight' | 'hotel';

export interface BookingRequest {
  readonly part: Part;
  readonly traveller: string;
  /** What it is, in words: `Lisbon, 3 nights`. */
  readonly what: string;
}

export interface Booking {
  readonly reference: string;
}

export interface CancelRequest {
  readonly undoes: Undoes<BookingRequest, Booking>;
}

export interface Cancelled {
  /** `blocked`: it had not come yet, and is refused when it comes. */
  readonly status: 'cancelled' | 'blocked';
}

export interface ItineraryRequest {
  readonly traveller: string;
  readonly references: readonly string[];
}

const QUICK = {
  timeout: 200,
  retry: { attempts: 2, initial: 10, backoff: 'constant', jitter: false },
} as const;

const book: EffectLogic<BookingRequest, Booking> = effect({ ...QUICK, name: 'book' });
const cancel: EffectLogic<CancelRequest, Cancelled> = effect({ ...QUICK, name: 'cancel' });
const sendItinerary: EffectLogic<ItineraryRequest, null> = effect({
  ...QUICK,
  name: 'sendItinerary',
});

export interface TripResults {
  readonly flight: Booking;
  readonly hotel: Booking;
  readonly car: Booking;
  readonly itinerary: null | undefined;
}

export const trip: SagaMachine<Trip, TripResults> = saga<Trip>('trip')
  .step('flight', {
    run: book,
    input: ({ input: { traveller, from, to, departs } }): BookingRequest => ({
      part: 'flight',
      traveller,
      what: `${from} to ${to} on ${departs}`,
    }),
    compensate: cancel,
    after: [],
    states: ['FLIGHT_BOOKING', 'FLIGHT_BOOKED'],
  })
  .step('hotel', {
    run: book,
    input: ({ input: { traveller, to, nights } }): BookingRequest => ({
      part: 'hotel',
      traveller,
      what: `${to}, ${nights} nights`,
    }),
    compensate: cancel,
    after: [],
    states: ['HOTEL_BOOKING', 'HOTEL_BOOKED'],
  })
  .step('car', {
    run: book,
    input: ({ input: { traveller, to, nights } }): BookingRequest => ({
      part: 'car',
      traveller,
      what: `${to}, ${nights + 1} days`,
    }),
    compensate: cancel,
    after: [],
    states: ['CAR_BOOKING', 'CAR_BOOKED'],
  })
  .step('itinerary', {
    run: sendItinerary,
    input: ({ input: { traveller }, results: { flight, hotel, car } }) => ({
      traveller,
      references: [flight, hotel, car].map(({ reference }) => reference),
    }),
    after: ['flight', 'hotel', 'car'],
    critical: false,
    states: ['ITINERARY_SENDING', 'ITINERARY_SENT'],
  })
  .build();

/** @public for `sagawright check` */
export const checkOptions: Readonly<Record<string, CheckOptions>> = {
  // Side by side there are many situations: paths on which more than this goes wrong are left out.
  trip: { outputs: { book: [{ reference: 'B-1' }] }, faults: 3 },
};
