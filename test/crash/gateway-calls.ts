// The effects' handlers: one HTTP request each, with the effect's key as idempotency key. A refusal by a
// rule is a definite no, everything else is thrown. Never retries.

import { type Handler, type HandlerArgs, Rejected } from 'sagawright';
import type { ChargeInput, ReleaseInput, ReserveInput, VoidInput } from 'sagawright/machines';
import type { PurchaseInput } from './purchase.ts';

export type AnyCall = Handler<never, unknown>;

interface Reply {
  readonly id?: string;
  readonly key?: string;
  readonly status?: string;
  readonly refundedMinor?: number;
  readonly amountMinor?: number;
  readonly currency?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** @param violation told when the gateway saw one key with two requests */
export function createGatewayCalls(
  gateway: string,
  violation: (text: string) => void,
): Readonly<Record<string, AnyCall>> {
  const post = async (
    path: string,
    { key, signal }: Pick<HandlerArgs<unknown>, 'key' | 'signal'>,
    body: object,
  ): Promise<Reply> => {
    const response = await fetch(`${gateway}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
      signal,
    });
    const reply = (await response.json()) as Reply;
    if (response.ok) return reply;
    const { code = 'UNKNOWN', message = '' } = reply.error ?? {};
    if (code === 'KEY_REUSED') violation(`${key} came to ${path} with another body: ${message}`);
    if (response.status < 500) throw new Rejected(code, { message });
    throw new Error(`${path} answered ${response.status}`);
  };
  return {
    chargeCard: async (args: HandlerArgs<ChargeInput | PurchaseInput>) => {
      const { orderId, amountMinor } = args.input;
      const { id, key } = await post('/charges', args, { orderId, amountMinor, currency: 'GBP' });
      return { chargeId: id, key, amountMinor, currency: 'GBP' };
    },
    reserveStock: async (args: HandlerArgs<ReserveInput | PurchaseInput>) => {
      const { input } = args;
      const items = 'items' in input ? input.items : [{ sku: input.sku, quantity: input.quantity }];
      const { id, key } = await post('/reservations', args, { orderId: input.orderId, items });
      return { reservationId: id, key };
    },
    voidCharge: async (args: HandlerArgs<VoidInput | { readonly chargeKey: string }>) => {
      const { input, key } = args;
      const chargeKey = 'undoes' in input ? input.undoes.key : input.chargeKey;
      const { refundedMinor } = await post('/voids', args, { chargeKey });
      return { refundedMinor, key };
    },
    releaseStock: async (args: HandlerArgs<ReleaseInput>) => {
      const { status } = await post('/releases', args, { reservationKey: args.input.undoes.key });
      return { status };
    },
  };
}
