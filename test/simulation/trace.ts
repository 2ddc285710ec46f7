// What happened in a simulated run, line by line: a hash of all of it, by which two runs of one seed are
// compared, and the last lines, for whoever reads of a failure. Decides nothing.

const KEPT = 120;

export class Trace {
  readonly #all: string[] | null;
  readonly #last: string[] = [];
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;
  #lines = 0;

  /** @param isWhole keeps every line instead of the last ones */
  constructor(isWhole: boolean) {
    this.#all = isWhole ? [] : null;
  }

  note(line: string): void {
    for (let index = 0; index < line.length; index++) {
      const code = line.charCodeAt(index);
      this.#high = Math.imul(this.#high ^ code, 2_654_435_761);
      this.#low = Math.imul(this.#low ^ code, 1_597_334_677);
    }
    this.#lines += 1;
    this.#all?.push(line);
    this.#last.push(line);
    if (this.#last.length > 2 * KEPT) this.#last.splice(0, KEPT);
  }

  /** Of every line so far, in their order. */
  get hash(): string {
    const words = [this.#high, this.#low, this.#lines];
    return words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  get lines(): readonly string[] {
    return this.#all ?? this.#last.slice(-KEPT);
  }
}
