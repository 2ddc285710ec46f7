// Where Stately's inspector is, and how it says that it is there: as the browser adapter of
// @statelyai/inspect has it. Constants for the server and for the page.

export const STATELY_ORIGIN = 'https://stately.ai';
export const STATELY_INSPECTOR: string = `${STATELY_ORIGIN}/inspect`;
/** What Stately's page posts to the one that holds it, once it listens. */
export const STATELY_CONNECTED = '@statelyai.connected';
