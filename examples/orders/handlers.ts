// The code of the sagas' calls: one HTTP request each, to the gateway, under the key that the engine
// gives. A refusal by a rule of money or stock is a definite no; anything else that goes wrong leaves
// it open whether the request took effect, and is thrown. Never retries and never decides.

import { type HandlerWithReconcile, Rejected } from 'sagawright';
import type {
  Charge,
  ChargeRequest,
  PaidRefund,
  RefundInput,
  ReleasedStock,
  ReleaseRequest,
  Reservation,
  ReservationRequest,
  VoidedCharge,
  VoidRequest,
} from 'sagawright/machines';
import { z } from 'zod';

/** The handlers by the names under which the machines invoke them. */
export interface GatewayHandlers {
  readonly chargeCard: HandlerWithReconcile<ChargeRequest, Charge>;
  readonly reserveStock: HandlerWithReconcile<ReservationRequest, Reservation>;
  readonly voidCharge: HandlerWithReconcile<VoidRequest, VoidedCharge>;
  readonly releaseStock: HandlerWithReconcile<ReleaseRequest, ReleasedStock>;
  readonly refundPayment: HandlerWithReconcile<RefundInput, PaidRefund>;
}

/** One kind of call: where it goes, what is sent, and what the reply means. */
interface Endpoint<Input, Output> {
  readonly path: string;
  readonly createBody: (input: Input) => object;
  readonly reply: z.ZodType<Output>;
}

const charge: Endpoint<ChargeRequest, Charge> = {
  path: '/charges',
  createBody: ({ orderId, amountMinor, currency }) => ({ orderId, amountMinor, currency }),
  reply: z
    .object({ id: z.string(), amountMinor: z.int(), currency: z.string() })
    .transform(({ id, amountMinor, currency }) => ({ chargeId: id, amountMinor, currency })),
};

const reservation: Endpoint<ReservationRequest, Reservation> = {
  path: '/reservations',
  createBody: ({ orderId, items }) => ({ orderId, items }),
  reply: z.object({ id: z.string() }).transform(({ id }) => ({ reservationId: id })),
};

const voiding: Endpoint<VoidRequest, VoidedCharge> = {
  path: '/voids',
  createBody: ({ undoes }) => ({ chargeKey: undoes.key }),
  reply: z.object({ refundedMinor: z.int() }).transform(({ refundedMinor }) => ({ refundedMinor })),
};

const release: Endpoint<ReleaseRequest, ReleasedStock> = {
  path: '/releases',
  createBody: ({ undoes }) => ({ reservationKey: undoes.key }),
  reply: z
    .object({ status: z.enum(['released', 'blocked']) })
    .transform(({ status }) => ({ status })),
};

const refund: Endpoint<RefundInput, PaidRefund> = {
  path: '/refunds',
  createBody: ({ chargeKey, amountMinor }) => ({ chargeKey, amountMinor }),
  reply: z
    .object({ id: z.string(), amountMinor: z.int() })
    .transform(({ id, amountMinor }) => ({ paymentId: id, amountMinor })),
};

const refusal = z.object({
  error: z.looseObject({ code: z.string(), message: z.string() }),
});

const operation = z.object({
  state: z.enum(['done', 'rejected', 'sealed']),
  reply: z.unknown(),
});

/** Statuses that say "not now" rather than no. */
const NOT_NOW: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * What a reply that is no success means. KEY_REUSED is no definite no: something else was done under
 * the key, and whoever sees this must look before undoing anything.
 */
function describeRefusal(path: string, status: number, reply: unknown): Error {
  const parsed = refusal.safeParse(reply);
  const text = parsed.success ? parsed.data.error.message : JSON.stringify(reply).slice(0, 200);
  const isDefinite = status >= 400 && status < 500 && !NOT_NOW.has(status);
  if (parsed.success && isDefinite && parsed.data.error.code !== 'KEY_REUSED') {
    const { code, message, ...details } = parsed.data.error;
    return new Rejected(code, { message, details: { ...details, status } });
  }
  return new Error(`POST ${path}: expected a reply to rely on, got ${status}: ${text}`);
}

function createHandler<Input, Output>(
  gatewayUrl: string,
  { path, createBody, reply }: Endpoint<Input, Output>,
): HandlerWithReconcile<Input, Output> {
  return {
    run: async ({ input, key, signal }) => {
      const response = await fetch(new URL(path, gatewayUrl), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(createBody(input)),
        signal,
      });
      const body: unknown = await response.json();
      if (!response.ok) throw describeRefusal(path, response.status, body);
      return reply.parse(body);
    },
    reconcile: async ({ key, signal }) => {
      const url = new URL(`/operations/${encodeURIComponent(key)}`, gatewayUrl);
      const response = await fetch(url, { signal });
      // Not seen yet: the request may still be on its way.
      if (response.status === 404) return 'unknown';
      if (!response.ok) throw new Error(`GET ${url.pathname}: got ${response.status}`);
      const found = operation.parse(await response.json());
      return found.state === 'done' ? { done: reply.parse(found.reply) } : 'absent';
    },
  };
}

/** Handlers that call the gateway at this address. */
export function createHandlers(gatewayUrl: string): GatewayHandlers {
  return {
    chargeCard: createHandler(gatewayUrl, charge),
    reserveStock: createHandler(gatewayUrl, reservation),
    voidCharge: createHandler(gatewayUrl, voiding),
    releaseStock: createHandler(gatewayUrl, release),
    refundPayment: createHandler(gatewayUrl, refund),
  };
}
