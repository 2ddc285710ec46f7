// The order of ids. SQLite compares UTF-8 bytes, JavaScript UTF-16 units; they differ for characters
// beyond U+FFFF. Whatever sorts or pages ids in JavaScript uses this, so that all stores agree.

/** Compares by code point, as SQLite's BINARY collation does over UTF-8. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) {
      return codePointRank(a) - codePointRank(b);
    }
  }
  return left.length - right.length;
}

/** Surrogates stand for code points above U+FFFF: they come after every other unit. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
