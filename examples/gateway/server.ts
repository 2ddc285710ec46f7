// HTTP around the ledger: reads a request, lets the planned fault and delay happen to it, and
// answers what the ledger stored. Listens on 127.0.0.1 only. Never decides about money or stock,
// and never answers an operation before the ledger's commit.

import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Fault, Faults } from './faults.ts';
import type { Answer, Ledger } from './ledger.ts';
import {
  type OperationPath,
  operationPaths,
  parseOperation,
  parsePageQuery,
  RequestError,
} from './requests.ts';
import { LedgerError } from './schema.ts';
import { createSilence, type Silence } from './silence.ts';

interface Server {
  /** @param port 0 for any free one. @returns the address, such as `http://127.0.0.1:8080`. */
  listen(port: number): Promise<string>;
  /** Ends silent and delayed requests, answers those that are being committed, and stops. */
  close(): Promise<void>;
}

const bodyLimitBytes = 1_048_576;
const maxConnections = 10_000;
const maxSilentSockets = 1_000;
// For receiving a request, not for answering it.
const requestTimeoutMs = 30_000;
const closeDeadlineMs = 1_000;
// Three characters for each of a key's 200 when all of them are percent-encoded.
const maxParamLength = 600;

export function createServer(ledger: Ledger, faults: Faults): Server {
  const closing = new AbortController();
  const silence = createSilence(maxSilentSockets);
  const app = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    routerOptions: { maxParamLength },
    frameworkErrors: refuseAddress,
  });
  app.server.maxConnections = maxConnections;
  app.removeContentTypeParser('text/plain');
  // Every delayed request listens for the end; there may be thousands.
  setMaxListeners(0, closing.signal);

  setErrorReplies(app);
  addReports(app, ledger);
  for (const path of operationPaths) {
    addOperation(app, path, ledger, faults, silence, closing.signal);
  }

  return {
    listen: (port) => app.listen({ host: '127.0.0.1', port, backlog: 4096 }),
    close: async () => {
      closing.abort();
      silence.end();
      const deadline = setTimeout(() => app.server.closeAllConnections(), closeDeadlineMs);
      await app.close();
      clearTimeout(deadline);
    },
  };
}

function addOperation(
  app: FastifyInstance,
  path: OperationPath,
  ledger: Ledger,
  faults: Faults,
  silence: Silence,
  closing: AbortSignal,
): void {
  app.post(path, async (request, reply) => {
    const operation = parseOperation(path, readKeys(request.raw), request.body);
    const plan = faults.plan(operation.key, ledger.arrive(operation.key));
    try {
      await delay(plan.delayBeforeMs, closing);
      const fault = plan.fault.kind === 'none' ? 'none' : plan.fault.moment;
      const answer = await ledger.submit({ operation, fault });
      await delay(plan.delayAfterMs, closing);
      return respond(request, reply, answer, plan.fault, silence);
    } catch (error) {
      if (!closing.aborted) throw error;
      // The gateway stops in the middle of this request: the caller cannot know how it ended.
      reply.hijack();
      request.raw.socket.destroy();
      return reply;
    }
  });
}

async function delay(delayMs: number, closing: AbortSignal): Promise<void> {
  if (delayMs > 0) await pause(delayMs, undefined, { signal: closing });
}

function respond(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer | undefined,
  fault: Fault,
  silence: Silence,
): FastifyReply {
  if (fault.kind === 'lost') {
    reply.hijack();
    silence.keep(request.raw.socket);
    return reply;
  }
  if (fault.kind === 'error' || answer === undefined) {
    const status = fault.kind === 'error' ? fault.status : 500;
    return reply.code(status).send(createError('GATEWAY_FAULT', 'something went wrong; try again'));
  }
  if (answer.replayed) reply.header('idempotency-replayed', 'true');
  return reply
    .code(answer.status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(answer.json);
}

/** Every value of the header: joined by Node, two keys would look like one. */
function readKeys(request: IncomingMessage): readonly string[] {
  return request.headersDistinct['idempotency-key'] ?? [];
}

function addReports(app: FastifyInstance, ledger: Ledger): void {
  const { reports } = ledger;
  app.get('/health', () => ({ status: 'ok', pid: process.pid, commits: ledger.commits() }));
  app.get('/ledger', () => reports.totals());
  app.get('/ledger/orders', (request) => reports.orders(parsePageQuery(request.query)));
  app.get<{ Params: { key: string } }>('/ledger/keys/:key', (request) =>
    reports.key(request.params.key),
  );
  app.get<{ Params: { key: string } }>('/operations/:key', (request, reply) => {
    const { key } = request.params;
    const report = reports.operation(key);
    if (report !== undefined) return report;
    const message = `${key} was not seen; it may still be on its way`;
    return reply.code(404).send(createError('OPERATION_UNKNOWN', message));
  });
}

/** An address that cannot be decoded never reaches the error handler. */
function refuseAddress(error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  reply.code(400).send(createError('INVALID_REQUEST', error.message, '/'));
}

function setErrorReplies(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send(createError('NOT_FOUND', `no such thing: ${request.method} ${request.url}`)),
  );
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof RequestError) {
      return reply.code(400).send(createError('INVALID_REQUEST', error.message, error.path));
    }
    const status = readStatus(error);
    const message = error instanceof Error ? error.message : String(error);
    // Fastify's own refusals: malformed JSON, too large, wrong content type.
    if (status < 500) return reply.code(status).send(createError('INVALID_REQUEST', message, '/'));
    process.stderr.write(`${error instanceof Error ? error.stack : message}\n`);
    const code = error instanceof LedgerError ? error.code : 'INTERNAL';
    return reply.code(500).send(createError(code, message));
  });
}

function readStatus(error: unknown): number {
  const isObject = typeof error === 'object' && error !== null;
  const status: unknown = isObject && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 ? status : 500;
}

function createError(code: string, message: string, path?: string): object {
  return { error: { code, message, ...(path === undefined ? {} : { path }) } };
}
