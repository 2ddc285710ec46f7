// The program of the page `/`: gives Stately's inspector, held in a frame, what our server tells, as the
// browser adapter of @statelyai/inspect does. Nothing is asked of the server before Stately's page listens.

import { find, setText } from './elements.ts';
import { Feed } from './feed.ts';
import { STATELY_CONNECTED, STATELY_INSPECTOR, STATELY_ORIGIN } from './stately.ts';

const SILENCE_MS = 10_000;

const frame = find('iframe', 'stately');
const status = find('p', 'status');
let missed = 0;
let note = '';

function say(text: string): void {
  note = text;
  setText(status, missed === 0 ? note : `${note} (${missed} events were too many)`);
}

const feed = new Feed({
  isDefined: true,
  onMessage: (message) => {
    if (message.type === '@sagawright.restoring') missed += message.missed;
    else if (message.type === '@sagawright.restored') {
      const { shown, leftOut } = message;
      say(leftOut === 0 ? `Live: ${shown} actors` : `Live: ${shown} actors, ${leftOut} left out`);
    } else frame.contentWindow?.postMessage(message, STATELY_ORIGIN);
  },
  onStatus: (now) => {
    if (now === 'connecting') say('Connecting …');
    if (now === 'lost') say('The engine cannot be reached. Trying again …');
  },
});

addEventListener('message', ({ origin, source, data }) => {
  if (origin !== STATELY_ORIGIN || source !== frame.contentWindow) return;
  if (typeof data !== 'object' || data === null || data.type !== STATELY_CONNECTED) return;
  clearTimeout(silence);
  // It says so again after each of its own reloads, and then it knows nothing.
  feed.open();
});

const silence = setTimeout(() => {
  say('stately.ai does not answer. “Offline” shows the same without it.');
}, SILENCE_MS);
say('Waiting for stately.ai …');
frame.src = STATELY_INSPECTOR;
