// Moments and durations as people read them, and as programs do. Pure: `now` is given.

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** Local time without milliseconds: `2026-11-21T10:51:22`. */
export function localTime(at: number): string {
  const moment = new Date(at);
  const offsetMs = moment.getTimezoneOffset() * 60_000;
  return new Date(at - offsetMs).toISOString().slice(0, 19);
}

/** Local time and how long ago or ahead it is. */
export function formatMoment(at: number, now: number): string {
  return `${localTime(at)} (${formatAge(at, now)})`;
}

/** `3m ago`, `in 2h`, `now`. */
export function formatAge(at: number, now: number): string {
  const apart = Math.abs(now - at);
  if (apart < 1_000) return 'now';
  return at < now ? `${formatDuration(apart)} ago` : `in ${formatDuration(apart)}`;
}

/** The two largest units at most: `820ms`, `3.2s`, `45s`, `3m`, `2h 5m`, `4d`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  const first = UNITS.findIndex(([, unitMs]) => ms >= unitMs);
  const [name, unitMs] = UNITS[first] ?? ['s', 1_000];
  const count = Math.floor(ms / unitMs);
  const [below, belowMs] = UNITS[first + 1] ?? ['', 0];
  // Only small counts gain from a second unit; seconds beside minutes tell nobody anything.
  const rest = belowMs > 0 && count < 10 && name !== 'm' ? Math.floor((ms % unitMs) / belowMs) : 0;
  return rest === 0 ? `${count}${name}` : `${count}${name} ${rest}${below}`;
}

/** UTC, for programs; null stays null. */
export function isoTime(at: number): string;
export function isoTime(at: number | null): string | null;
export function isoTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
