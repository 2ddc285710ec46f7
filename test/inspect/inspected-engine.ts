// An engine under its inspector, and a program that reads what it tells: for the tests of this folder.

import { type Engine, openEngine, type Store } from 'sagawright';
import {
  type Inspector,
  type InspectorOptions,
  serveInspector,
  type ViewerMessage,
} from 'sagawright/inspect';
import { memoryStore } from 'sagawright/store';
import { type ClientOptions, WebSocket } from 'ws';
import { type AnyStateMachine, assign, setup } from 'xstate';

export class Inspected implements AsyncDisposable {
  readonly engine: Engine;
  readonly inspector: Inspector;
  readonly #programs: Set<ViewingProgram> = new Set();

  constructor(engine: Engine, inspector: Inspector) {
    this.engine = engine;
    this.inspector = inspector;
  }

  /** Connects a program and answers once it is connected. */
  async view(query = '', options: ClientOptions = {}): Promise<ViewingProgram> {
    const url = `ws://127.0.0.1:${this.inspector.port}/events${query}`;
    const program = new ViewingProgram(new WebSocket(url, options));
    this.#programs.add(program);
    await program.opened;
    return program;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.#programs) socket.terminate();
    await this.inspector.close();
    await this.engine.stop({ drain: 0 });
  }
}

export async function openInspected(
  machines: readonly AnyStateMachine[],
  options: InspectorOptions = {},
  store: Store = memoryStore(),
): Promise<Inspected> {
  const engine = await openEngine({ store, machines });
  return new Inspected(engine, await serveInspector(engine, options));
}

/** A program at the other end of a websocket, with all that it was told. */
export class ViewingProgram {
  readonly socket: WebSocket;
  readonly messages: ViewerMessage[] = [];
  readonly opened: Promise<void>;
  /** The code and the reason with which the other side has closed. */
  readonly closed: Promise<readonly [code: number, reason: string]>;
  readonly #waiting: Set<() => void> = new Set();

  constructor(socket: WebSocket) {
    this.socket = socket;
    const { promise: opened, resolve: open, reject } = Promise.withResolvers<void>();
    const { promise: closed, resolve: close } = Promise.withResolvers<readonly [number, string]>();
    this.opened = opened;
    this.closed = closed;
    socket.on('open', open);
    socket.on('error', reject);
    socket.on('close', (code, reason) => close([code, reason.toString()]));
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)) as ViewerMessage);
      for (const look of this.#waiting) look();
    });
  }

  /** Resolves once it holds, looked at after each message. */
  async until(holds: (messages: readonly ViewerMessage[]) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (holds(this.messages)) resolve();
    };
    this.#waiting.add(look);
    look();
    await promise;
    this.#waiting.delete(look);
  }

  restored(): Promise<void> {
    return this.until((messages) => messages.at(-1)?.type === '@sagawright.restored');
  }
}

/** Counts, and keeps the last note that it was given. */
export const counter: AnyStateMachine = setup({
  types: {
    context: {} as { readonly count: number; readonly note: string },
    events: {} as
      | { readonly type: 'ADD'; readonly note?: string }
      | { readonly type: 'FAIL' }
      | { readonly type: 'END' },
  },
}).createMachine({
  id: 'counter',
  context: { count: 0, note: '' },
  initial: 'open',
  states: {
    open: {
      after: { 3600000: { target: 'open', actions: assign({ note: 'late' }) } },
      on: {
        ADD: {
          actions: assign(({ context, event: { note = context.note } }) => ({
            count: context.count + 1,
            note,
          })),
        },
        END: 'ended',
      },
    },
    ended: { type: 'final' },
  },
});
