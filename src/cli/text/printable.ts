// Text that others have written (ids, events, errors) on its way to a terminal: what would move the
// cursor, colour or turn around the line is shown as its number instead. Pure.

/**
 * Controls (C0, DEL, C1), and what changes the direction of a text, is invisible or is half of a
 * character: a terminal would act on it, or people would read something else than what is there
 * (https://trojansource.codes).
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** One line of a text: controls become `\u001b` and the like. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeUnit);
}

/** The same of a text of several lines. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (unit) => (unit === '\n' ? unit : escapeUnit(unit)));
}

/** One JSON document in which nothing is left that a terminal acts on; it parses to the same value. */
export function jsonText(value: unknown, indent?: number): string {
  return printableLines(JSON.stringify(value, null, indent));
}

/** Characters above U+FFFF as two units, as JSON writes them. */
function escapeUnit(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
