// Requests that are never answered: their sockets stay open and silent until the client gives up
// or the gateway closes. Bounded: past the limit the one that has been silent longest is closed.

import type { Socket } from 'node:net';

export interface Silence {
  keep(socket: Socket): void;
  /** Closes every silent socket. */
  end(): void;
}

export function createSilence(limit: number): Silence {
  const sockets = new Set<Socket>();
  return {
    keep: (socket) => {
      if (socket.destroyed) return;
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      const [oldest] = sockets;
      if (sockets.size > limit) oldest?.destroy();
    },
    end: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
