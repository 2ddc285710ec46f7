// Which of two version texts is the newer one: runs of digits count as numbers, the rest as text. Pure.

/**
 * Negative when `a` is older than `b`: `2` before `10`, `1.2` before `1.10`, `2.0.0-rc.1` before `2.0.0`.
 * Zero for equal texts only.
 */
export function compareVersions(a: string, b: string): number {
  const left = partsOf(a);
  const right = partsOf(b);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = compareParts(left[index], right[index]);
    if (order !== 0) return order;
  }
  // `01` and `1` are two versions: any order will do, as long as it is always the same.
  return compareTexts(a, b);
}

function partsOf(version: string): readonly string[] {
  return version.match(/\d+|\D+/g) ?? [];
}

function compareParts(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) {
    if (a === b) return 0;
    // As in semantic versions, what follows a hyphen comes before the release itself.
    const prerelease = (a ?? b)?.startsWith('-') === true;
    return (a === undefined) === prerelease ? 1 : -1;
  }
  if (!isNumber(a) || !isNumber(b)) return compareTexts(a, b);
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || compareTexts(left, right);
}

function isNumber(part: string): boolean {
  return /^\d/.test(part);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
