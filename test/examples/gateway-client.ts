// A caller of the gateway for its tests: real HTTP on 127.0.0.1, replies as unjudged JSON, and
// gateways in temporary folders that are closed when their test ends.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Gateway, type GatewayOptions, openGateway } from '../../examples/gateway/gateway.ts';

export interface Reply {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: unknown;
}

/** A new folder's path for a ledger, removed when the test ends. */
export function createLedgerPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'gateway.db');
}

/** A gateway in this process, closed when the test ends. */
export async function openTestGateway(options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const gateway = await openGateway({ db: createLedgerPath(), ...options });
  onTestFinished(() => gateway.close());
  return gateway;
}

export async function post(
  { url }: { readonly url: string },
  path: string,
  key: string,
  body: unknown,
): Promise<Reply> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return readReply(response);
}

/** Repeats a request that was answered by a 5xx, as callers do; gives up after a few. */
export async function postUntilAnswered(
  gateway: { readonly url: string },
  path: string,
  key: string,
  body: unknown,
): Promise<Reply> {
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const reply = await post(gateway, path, key, body);
    if (reply.status < 500) return reply;
  }
  throw new Error(`expected an answer to ${key} within 4 attempts, got only faults`);
}

export async function get({ url }: { readonly url: string }, path: string): Promise<Reply> {
  return readReply(await fetch(`${url}${path}`));
}

async function readReply(response: Response): Promise<Reply> {
  const body: unknown = await response.json();
  const replayed = response.headers.get('idempotency-replayed') === 'true';
  return { status: response.status, replayed, body };
}

export function createCharge(orderId: string, amountMinor: number): object {
  return { orderId, amountMinor, currency: 'GBP' };
}
