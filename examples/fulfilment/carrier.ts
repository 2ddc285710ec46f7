// The carrier of these examples: registers parcels, fetches them, and calls off what it has not fetched.
// Knows nothing of orders and sagas; its list of parcels is the witness of what is on the road.

import { Rejected } from 'sagawright';
import { Replies } from './replies.ts';

export interface Parcel {
  readonly parcelId: string;
  readonly trackingNumber: string;
}

type ParcelStatus = 'registered' | 'fetched' | 'called off';

export class Carrier {
  /** By the key that registered it. A parcel called off before it came has no number. */
  readonly #parcels: Map<string, { readonly parcel: Parcel | null; status: ParcelStatus }> =
    new Map();
  readonly #replies: Replies = new Replies();

  /** Registers a parcel. @throws Rejected if it was called off before it came */
  register(key: string, reference: string): Parcel {
    return this.#replies.once(key, { register: reference }, () => {
      if (this.#parcels.has(key)) throw new Rejected('CALLED_OFF');
      const number = String(this.#parcels.size + 1).padStart(6, '0');
      const parcel = { parcelId: `parcel-${number}`, trackingNumber: `TRK-${number}` };
      this.#parcels.set(key, { parcel, status: 'registered' });
      return parcel;
    });
  }

  /** Fetches it: from here on it cannot be called off. @throws Rejected if there is none to fetch */
  fetch(key: string, trackingNumber: string): { readonly trackingNumber: string } {
    return this.#replies.once(key, { fetch: trackingNumber }, () => {
      const found = this.#find(trackingNumber);
      if (found?.status !== 'registered') throw new Rejected('NO_SUCH_PARCEL');
      found.status = 'fetched';
      return { trackingNumber };
    });
  }

  /** Calls off what was registered under a key, also before it comes. @throws Rejected once fetched */
  callOff(key: string, registeredBy: string): 'cancelled' | 'blocked' {
    return this.#replies.once(key, { callOff: registeredBy }, () => {
      const found = this.#parcels.get(registeredBy);
      if (found !== undefined) return cancel(found);
      this.#parcels.set(registeredBy, { parcel: null, status: 'called off' });
      return 'blocked';
    });
  }

  /** Calls off a parcel. @throws Rejected once fetched, or if there is none */
  callOffParcel(key: string, trackingNumber: string): 'cancelled' {
    return this.#replies.once(key, { callOffParcel: trackingNumber }, () => {
      const found = this.#find(trackingNumber);
      if (found === undefined) throw new Rejected('NO_SUCH_PARCEL');
      return cancel(found);
    });
  }

  /** Parcels that are registered or on the road. */
  countLive(): number {
    return [...this.#parcels.values()].filter(({ status }) => status !== 'called off').length;
  }

  #find(trackingNumber: string): { status: ParcelStatus } | undefined {
    return [...this.#parcels.values()].find(
      ({ parcel }) => parcel?.trackingNumber === trackingNumber,
    );
  }
}

function cancel(entry: { status: ParcelStatus }): 'cancelled' {
  if (entry.status === 'fetched') throw new Rejected('ALREADY_FETCHED');
  entry.status = 'called off';
  return 'cancelled';
}
