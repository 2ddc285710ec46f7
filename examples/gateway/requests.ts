// The boundary: what a request must look like. Turns an unknown path, key and body into one
// Operation, or throws RequestError with the path of the wrong value, what was expected and what
// came. Never touches the ledger, so a refused request leaves no trace.

import { hash } from 'node:crypto';
import { z } from 'zod';

export interface ChargeBody {
  readonly orderId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

export interface VoidBody {
  readonly chargeKey: string;
}

export interface RefundBody {
  readonly chargeKey: string;
  readonly amountMinor: number;
}

export interface ReservationItem {
  readonly sku: string;
  readonly quantity: number;
}

export interface ReservationBody {
  readonly orderId: string;
  readonly items: readonly ReservationItem[];
}

export interface ReleaseBody {
  readonly reservationKey: string;
}

type PathAndBody =
  | { readonly path: '/charges'; readonly body: ChargeBody }
  | { readonly path: '/voids'; readonly body: VoidBody }
  | { readonly path: '/refunds'; readonly body: RefundBody }
  | { readonly path: '/reservations'; readonly body: ReservationBody }
  | { readonly path: '/releases'; readonly body: ReleaseBody };

/** One request that may change money or stock, as validated. */
export type Operation = PathAndBody & {
  readonly key: string;
  /** Of the body's canonical JSON: what "the same body" means. */
  readonly sha256: string;
};

export type OperationPath = Operation['path'];

export const operationPaths: readonly OperationPath[] = [
  '/charges',
  '/voids',
  '/refunds',
  '/reservations',
  '/releases',
];

/** One page of orders: those after `after` in order of id. */
export interface PageQuery {
  readonly after: string;
  readonly limit: number;
}

/** A request that is refused with 400. `path` is a JSON pointer, or the name of a header. */
export class RequestError extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(`${path}: ${message}`);
    this.name = 'RequestError';
    this.path = path;
  }
}

// Ten thousand million pounds: sums over a million charges still fit 64 bits, and any sum that
// does not fit 53 is refused where it is read.
const maxAmountMinor = 1_000_000_000_000;
const maxQuantity = 1_000_000_000;
const maxItems = 10_000;

// A header's value is trimmed on its way, so a key that starts or ends in a space cannot exist.
const keyPattern = /^(?=.{1,200}$)[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const keyRule = 'expected 1..200 printable ASCII characters';

const keyText = z.string().regex(keyPattern, keyRule);
const name = z
  .string()
  .regex(
    /^[^\p{Cc}\p{Cs}]{1,200}$/u,
    'expected 1..200 characters, none of them a control character',
  );
const amountMinor = z.int().min(1).max(maxAmountMinor);
const currency = z.string().regex(/^[A-Z]{3}$/, 'expected a currency code such as GBP');
const item = z.strictObject({ sku: name, quantity: z.int().min(1).max(maxQuantity) });

const chargeBody = z.strictObject({ orderId: name, amountMinor, currency });
const voidBody = z.strictObject({ chargeKey: keyText });
const refundBody = z.strictObject({ chargeKey: keyText, amountMinor });
const reservationBody = z.strictObject({ orderId: name, items: z.array(item).max(maxItems) });
const releaseBody = z.strictObject({ reservationKey: keyText });
const pageQuery = z.strictObject({
  after: z.string().max(200).default(''),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(1000))
    .default(100),
});

/**
 * @param keys every value of the Idempotency-Key header, as it came.
 * @throws RequestError
 */
export function parseOperation(
  path: OperationPath,
  keys: readonly string[],
  body: unknown,
): Operation {
  const key = parseIdempotencyKey(keys);
  const parsed = parseBody(path, body);
  return { key, sha256: hash('sha256', computeCanonicalJson(parsed.body), 'hex'), ...parsed };
}

function parseBody(path: OperationPath, body: unknown): PathAndBody {
  switch (path) {
    case '/charges':
      return { path, body: parse(chargeBody, body) };
    case '/voids':
      return { path, body: parse(voidBody, body) };
    case '/refunds':
      return { path, body: parse(refundBody, body) };
    case '/reservations':
      return { path, body: parse(reservationBody, body) };
    case '/releases':
      return { path, body: parse(releaseBody, body) };
  }
}

/** @throws RequestError */
export function parsePageQuery(query: unknown): PageQuery {
  return parse(pageQuery, query);
}

function parseIdempotencyKey(keys: readonly string[]): string {
  const [first] = keys;
  if (keys.length === 1 && first !== undefined && keyPattern.test(first)) return first;
  const got = keys.length === 1 ? JSON.stringify(first).slice(0, 80) : `${keys.length} of them`;
  throw new RequestError('Idempotency-Key', `${keyRule} in one header, got ${got}`);
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw new RequestError('/', 'expected another body');
  const unknownField = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = `/${[...issue.path, ...unknownField].map(String).join('/')}`;
  const got = unknownField.length > 0 ? 'an unknown field' : preview(issue.input);
  throw new RequestError(path, `${issue.message}, got ${got}`);
}

function preview(value: unknown): string {
  if (value === undefined) return 'nothing';
  return JSON.stringify(value).slice(0, 80);
}

/** JSON with sorted members: two bodies are the same when this text is. */
function computeCanonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(computeCanonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([member, inner]) => `${JSON.stringify(member)}:${computeCanonicalJson(inner)}`);
  return `{${members.join(',')}}`;
}
