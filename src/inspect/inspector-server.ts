// The inspector's server: HTTP and websockets on 127.0.0.1. Checks who asks, gives each websocket its
// viewer, and takes nothing from anybody. The only file that knows node:http and ws.

import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import { WebSocketServer } from 'ws';
import { EngineError } from '../errors.ts';
import { type Answer, answer, refused } from './answers.ts';
import type { Charts } from './charts.ts';
import { judgeRequest, type Refusal, securityHeaders } from './requests.ts';
import type { ViewerSocket } from './viewer.ts';

export interface ServerOptions {
  readonly charts: Charts;
  readonly port: number;
  readonly isOffline: boolean;
  /** A viewer has come; answers with what is to be done when it has gone. */
  readonly onViewer: (socket: ViewerSocket, url: URL) => () => void;
}

export interface InspectorServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Nothing but the opening of a websocket is ever expected. */
const REQUEST_BYTES_MAX = 1_024;

/** @throws EngineError `BAD_OPTION` for a port that cannot be had */
export async function openServer(options: ServerOptions): Promise<InspectorServer> {
  const { charts, isOffline, onViewer } = options;
  let port = 0;
  const judge = ({ method = '', headers }: IncomingMessage): Refusal | null =>
    judgeRequest({ method, host: headers.host, origin: headers.origin }, port);
  const respond = async (request: IncomingMessage): Promise<Answer> => {
    const refusal = judge(request);
    if (refusal !== null) return refused(refusal.status, refusal.why, securityHeaders(port));
    const url = urlOf(request);
    if (url === null) return refused(400, 'This is no address.', securityHeaders(port));
    return answer(url, { charts, isOffline, port });
  };
  const server = createServer((request, response) => {
    void respond(request)
      .catch((error: unknown) => refused(500, String(error), securityHeaders(port)))
      .then(({ status, headers, body }) => {
        response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
      });
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: REQUEST_BYTES_MAX,
    perMessageDeflate: false,
  });
  server.on('upgrade', (request, connection, head) => {
    const url = urlOf(request);
    const isThere = url?.pathname === '/events';
    const refusal = judge(request) ?? (isThere ? null : { status: 404, why: 'Try /events.' });
    if (refusal !== null || url === null) {
      const { status, why } = refusal ?? { status: 400, why: 'This is no address.' };
      connection.on('error', () => connection.destroy());
      connection.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n` +
          `Content-Length: ${why.length}\r\n\r\n${why}`,
      );
      return;
    }
    sockets.handleUpgrade(request, connection, head, (socket) => {
      const leave = onViewer(socket, url);
      socket.on('close', leave);
      // What is no websocket frame, or too large, has closed the connection: there is nobody to tell.
      socket.on('error', () => undefined);
      socket.on('message', () => socket.close(1008, 'This inspector only shows.'));
    });
  });
  port = await listen(server, options.port);
  return {
    port,
    close: async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      for (const socket of sockets.clients) {
        socket.close(1001, 'The inspector is closed.');
        // A reader that has stalled would keep the connection for as long as it likes.
        socket.terminate();
      }
      sockets.close();
      server.closeAllConnections();
      await promise;
    },
  };
}

function urlOf({ url = '' }: IncomingMessage): URL | null {
  return URL.parse(url, 'http://127.0.0.1');
}

async function listen(server: ReturnType<typeof createServer>, wanted: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(wanted, '127.0.0.1', resolve);
  try {
    await promise;
  } catch (error) {
    const message = `Expected a port that can be had on 127.0.0.1, got ${wanted} (${String(error)}).`;
    throw new EngineError('BAD_OPTION', message, { details: { option: 'port' }, cause: error });
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : wanted;
}
