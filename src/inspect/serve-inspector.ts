// Any engine, live, in Stately's inspector or on a page of our own. Watches the engine only while there
// is a viewer, and what it does for one is bounded: no engine waits for its inspector.

import type { Subscription } from '../client/observers.ts';
import type { Engine } from '../engine.ts';
import { systemPlatform } from '../platform.ts';
import { Charts } from './charts.ts';
import { Inspection } from './inspection.ts';
import { checkInspectorOptions, type InspectorOptions } from './inspector-options.ts';
import { openServer } from './inspector-server.ts';
import { Pace } from './pace.ts';
import { Viewer, type ViewerSocket } from './viewer.ts';

/** An inspector that is served. Made by {@link serveInspector}. */
export interface Inspector extends AsyncDisposable {
  /** Where its page is: `http://127.0.0.1:<port>/`. */
  readonly url: string;
  readonly port: number;
  /** How many are connected. */
  readonly viewers: number;
  /** Sends every viewer away and gives the port back. Safe to call twice; the engine works on. */
  close(): Promise<void>;
}

/**
 * Shows an engine to anybody on this machine who opens the page: at `/` in Stately's inspector, which is
 * loaded from stately.ai and is told everything in the browser; at `/offline` on a page of its own that
 * asks nobody else for anything. Programs read `/events`, a websocket of the events of
 * `@statelyai/inspect`. Listens on 127.0.0.1 alone; there is no password. Resolves when it can be opened.
 * @throws EngineError `BAD_OPTION`, also for a port that is taken
 */
export async function serveInspector(
  engine: Engine,
  options: InspectorOptions = {},
): Promise<Inspector> {
  const { port: wanted, isOffline, bounds } = checkInspectorOptions(options);
  const platform = systemPlatform;
  const charts = new Charts((name, version) => engine.machine(name, version));
  const { messageLength } = bounds;
  const inspection = new Inspection({ charts, platform, messageLength });
  const pace = new Pace(platform);
  const viewers = new Set<Viewer>();
  let watching: Subscription | null = null;
  const onViewer = (socket: ViewerSocket, url: URL): (() => void) => {
    const isDefined = url.searchParams.get('definitions') !== 'no';
    const viewer = new Viewer({ engine, socket, inspection, platform, bounds, pace, isDefined });
    viewers.add(viewer);
    watching ??= engine.inspect((event) => {
      for (const each of viewers) each.take(event);
    });
    void viewer.serve();
    return () => {
      viewer.close();
      viewers.delete(viewer);
      if (viewers.size > 0) return;
      watching?.unsubscribe();
      watching = null;
    };
  };
  const server = await openServer({ charts, port: wanted, isOffline, onViewer });
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= server.close();
    return closing;
  };
  return {
    url: `http://127.0.0.1:${server.port}/`,
    port: server.port,
    get viewers() {
      return viewers.size;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
