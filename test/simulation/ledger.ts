// What a simulated service knows: each key with its body and what came of it, carried out once however
// often it is called, and keys that it has promised never to carry out. The witness of a run: it knows
// nothing of the engine.

/** How a service ended a call for good. */
export type Verdict =
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'rejected'; readonly code: string };

export interface LedgerEntry {
  readonly key: string;
  readonly name: string;
  readonly body: string;
  readonly input: unknown;
  readonly verdict: Verdict;
  /** Order of execution, over all keys. */
  readonly number: number;
}

/** Carries out a call that has not been carried out under its key. */
export type Execute = (key: string, input: never) => Verdict;

export class Ledger {
  readonly entries: Map<string, LedgerEntry> = new Map();
  /** What the service was asked although it must not be. */
  readonly violations: string[] = [];
  readonly #blocked: Set<string> = new Set();

  /** Never to be carried out from now on, as far as it has not been. */
  block(key: string): void {
    this.#blocked.add(key);
  }

  /** The answer to a call that has arrived. */
  arrive(name: string, key: string, input: unknown, execute: Execute): Verdict {
    const body = JSON.stringify(input);
    const known = this.entries.get(key);
    if (known !== undefined) {
      if (known.name !== name || known.body !== body) {
        this.violations.push(
          `8: ${key} came with ${name} ${body} after ${known.name} ${known.body}`,
        );
      }
      return known.verdict;
    }
    const verdict: Verdict = this.#blocked.has(key)
      ? { type: 'rejected', code: 'BLOCKED' }
      : execute(key, input as never);
    this.entries.set(key, { key, name, body, input, verdict, number: this.entries.size });
    return verdict;
  }

  /** Keys under which calls of this name were carried out with success. */
  done(name: string): readonly LedgerEntry[] {
    return [...this.entries.values()].filter(
      (entry) => entry.name === name && entry.verdict.type === 'done',
    );
  }
}
