// Who is refused, and with what: other hosts and origins, other methods, frames that are none. Those who
// are served hear nothing of it, and nothing is left when the inspector is closed.

import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { isEngineError } from 'sagawright';
import { serveInspector } from 'sagawright/inspect';
import { describe, expect, it } from 'vitest';
import { counter, openInspected } from './inspected-engine.ts';

/** What the server answers to a request as it is written here. */
async function ask(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  return text(socket);
}

const UPGRADE = [
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

function upgrade(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `${['GET /events HTTP/1.1', ...lines, 'Connection: Upgrade', ...UPGRADE].join('\r\n')}\r\n\r\n`,
  );
  return firstLine(socket);
}

async function firstLine(socket: Socket): Promise<string> {
  for await (const chunk of socket) return String(chunk).split('\r\n', 1)[0] ?? '';
  return '';
}

describe('a stranger', () => {
  it.each([
    ['another host', (_port: number) => ['Host: evil.example'], '421'],
    ['a host that looks alike', (port: number) => [`Host: 127.0.0.1.evil.example:${port}`], '421'],
    ['the host with another port', () => ['Host: 127.0.0.1:1'], '421'],
    ['no host by HTTP 1.0', () => ['Host:'], '421'],
    [
      'another origin',
      (port: number) => [`Host: 127.0.0.1:${port}`, 'Origin: https://evil.example'],
      '403',
    ],
    ['a page from a file', (port: number) => [`Host: 127.0.0.1:${port}`, 'Origin: null'], '403'],
    [
      'the right address by https',
      (port: number) => [`Host: 127.0.0.1:${port}`, `Origin: https://127.0.0.1:${port}`],
      '403',
    ],
  ])('who comes with %s is refused, by HTTP and by websocket', async (_, headers, status) => {
    await using inspected = await openInspected([counter]);
    const { port } = inspected.inspector;
    const answer = await ask(port, ['GET /offline HTTP/1.1', ...headers(port)]);
    expect(answer.split(' ')[1]).toBe(status);
    expect(answer).not.toContain('<html');
    expect((await upgrade(port, headers(port))).split(' ')[1]).toBe(status);
    expect(inspected.inspector.viewers).toBe(0);
  });

  it('is served under both names of this machine', async () => {
    await using inspected = await openInspected([counter]);
    const { port } = inspected.inspector;
    for (const host of [`127.0.0.1:${port}`, `LOCALHOST:${port}`]) {
      const headers = [`Host: ${host}`, `Origin: http://${host}`];
      expect(await ask(port, ['GET / HTTP/1.1', ...headers])).toMatch(/^HTTP\/1.1 200 OK/);
      expect(await upgrade(port, headers)).toBe('HTTP/1.1 101 Switching Protocols');
    }
  });

  it('cannot write, read other files or other addresses', async () => {
    await using inspected = await openInspected([counter]);
    const { url, port } = inspected.inspector;
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(405);
    const host = `Host: 127.0.0.1:${port}`;
    for (const path of [
      '/modules/inspect/serve-inspector.ts',
      '/modules/../package.json',
      '/nothing',
      '/chart?machine=none&version=1',
    ]) {
      expect(await ask(port, [`GET ${path} HTTP/1.1`, host]), path).toMatch(/^HTTP\/1.1 404/);
    }
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `GET /other HTTP/1.1\r\n${host}\r\nConnection: Upgrade\r\n${UPGRADE.join('\r\n')}\r\n\r\n`,
    );
    expect(await firstLine(socket)).toBe('HTTP/1.1 404 Not Found');
  });

  it('finds nobody at any other address than 127.0.0.1', async () => {
    await using inspected = await openInspected([counter]);
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect(inspected.inspector.port, '127.0.0.2');
    socket.on('connect', () => resolve('connected'));
    socket.on('error', ({ message }) => resolve(message));
    expect(await promise).toContain('ECONNREFUSED');
  });

  it.each([
    [
      'a message',
      (socket: Socket) => socket.write(frame(0x81, Buffer.from('{"type":"@xstate.actor"}'))),
      1008,
    ],
    [
      'a message that is too large',
      (socket: Socket) => socket.write(frame(0x81, Buffer.alloc(5_000, 120))),
      1009,
    ],
    ['bytes that are no frame', (socket: Socket) => socket.write(Buffer.alloc(64, 0xff)), 1002],
    [
      'text that is no UTF-8',
      (socket: Socket) => socket.write(frame(0x81, Buffer.from([0xc3, 0x28]))),
      1007,
    ],
  ])('who sends %s is sent away, and the others are not', async (_, write, code) => {
    await using inspected = await openInspected([counter]);
    const { engine } = inspected;
    const good = await inspected.view();
    const bad = await inspected.view();
    await Promise.all([good.restored(), bad.restored()]);
    write(rawSocket(bad.socket));
    expect((await bad.closed)[0]).toBe(code);
    await engine.start(counter, { id: 'a' });
    await good.until((messages) => messages.some(({ type }) => type === '@xstate.snapshot'));
    expect(inspected.inspector.viewers).toBe(1);
  });
});

/** The connection below a websocket, to write what no websocket would. */
function rawSocket(websocket: object): Socket {
  const { _socket } = websocket as { readonly _socket: Socket };
  return _socket;
}

/** A masked frame of a client, as RFC 6455, section 5.2 has it; the mask is zero. */
function frame(opcode: number, payload: Buffer): Buffer {
  const head =
    payload.length < 126
      ? Buffer.from([opcode, 0x80 | payload.length])
      : Buffer.from([opcode, 0xfe, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

describe('an inspector', () => {
  it('that is closed sends everybody away and gives its port back; the engine works on', async () => {
    await using inspected = await openInspected([counter]);
    const { engine, inspector } = inspected;
    const program = await inspected.view();
    const idle = connect(inspector.port, '127.0.0.1');
    const { promise: hungUp, resolve } = Promise.withResolvers<void>();
    idle.on('close', () => resolve());
    idle.on('error', () => undefined);
    await program.restored();
    await Promise.all([inspector.close(), inspector.close()]);
    expect(await program.closed).toEqual([1001, 'The inspector is closed.']);
    await hungUp;
    expect(inspector.viewers).toBe(0);
    await using again = await serveInspector(engine, { port: inspector.port });
    expect(again.port).toBe(inspector.port);
    expect(await (await engine.start(counter, { id: 'a' })).send({ type: 'ADD' })).toMatchObject({
      status: 'accepted',
    });
  });

  it('whose engine has stopped tells the next viewer so', async () => {
    await using inspected = await openInspected([counter]);
    await inspected.engine.stop({ drain: 0 });
    const program = await inspected.view();
    expect((await program.closed)[0]).toBe(1011);
  });

  it('refuses options that mean nothing, and a port that is taken', async () => {
    await using inspected = await openInspected([counter]);
    const { engine, inspector } = inspected;
    const wrong = [
      { port: inspector.port },
      { port: -1 },
      { port: 1.5 },
      { offline: 'yes' },
      { history: { actors: 0 } },
      { history: { events: 5 } },
      { ports: 80 },
    ];
    for (const options of wrong) {
      const error: unknown = await serveInspector(engine, options as object).catch(
        (cause: unknown) => cause,
      );
      expect(isEngineError(error, 'BAD_OPTION'), JSON.stringify(options)).toBe(true);
    }
  });

  it('of its own kind shows nothing of stately.ai', async () => {
    await using inspected = await openInspected([counter], { offline: true });
    const response = await fetch(inspected.inspector.url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('stately');
    expect(await response.text()).not.toMatch(/https?:/);
  });
});
