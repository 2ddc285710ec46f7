// A program of its own that reads an inspector with the websocket receiver of @statelyai/inspect, and prints
// the first actor that it is told of. Knows nothing of ours but the address.

import { createWebSocketReceiver } from '@statelyai/inspect';

const [, , server = ''] = process.argv;
createWebSocketReceiver({ server }).subscribe((event) => {
  if (event.type !== '@xstate.actor') return;
  process.stdout.write(JSON.stringify(event), () => process.exit(0));
});
