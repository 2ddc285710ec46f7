// The page's websocket: opened again whenever it is lost, with the server telling all anew. Sends nothing.

import type { ViewerMessage } from '../protocol.ts';

export type FeedStatus = 'connecting' | 'connected' | 'lost';

export interface FeedOptions {
  /** Whether the machines of actors are wanted. */
  readonly isDefined: boolean;
  readonly onMessage: (message: ViewerMessage) => void;
  readonly onStatus: (status: FeedStatus) => void;
}

const RETRY_MS = 1_000;

export class Feed {
  readonly #options: FeedOptions;
  #socket: WebSocket | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Opens it, or opens it anew. */
  open(): void {
    const { isDefined, onMessage, onStatus } = this.#options;
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    onStatus('connecting');
    const query = isDefined ? '' : '?definitions=no';
    const socket = new WebSocket(`ws://${location.host}/events${query}`);
    this.#socket = socket;
    socket.addEventListener('open', () => {
      if (this.#socket === socket) onStatus('connected');
    });
    socket.addEventListener('message', ({ data }) => {
      // What the server writes is what it reads here: one protocol, one package.
      if (this.#socket === socket) onMessage(JSON.parse(String(data)) as ViewerMessage);
    });
    socket.addEventListener('close', () => {
      if (this.#socket !== socket) return;
      onStatus('lost');
      setTimeout(() => {
        if (this.#socket === socket) this.open();
      }, RETRY_MS);
    });
  }
}
