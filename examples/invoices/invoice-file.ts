// The one place of the invoice reader that touches a disk, and the error for a file that is not an
// invoice file at all. It hands the text on in pieces and never holds the whole file. A broken row
// is not an error of the file: it is reported with the other rows.

import { open, stat } from 'node:fs/promises';

const PIECE_BYTES = 65_536;

/** Why a file cannot be read as invoices. */
type InvoiceFileCode =
  | 'NOT_FOUND'
  | 'NOT_A_FILE'
  | 'UNREADABLE'
  | 'EMPTY'
  | 'BINARY'
  | 'COLUMNS'
  | 'TOO_LARGE';

/** What an {@link InvoiceFileError} says. */
interface InvoiceFileProblem {
  readonly code: InvoiceFileCode;
  readonly expected: string;
  readonly got: string;
  /** What to do about it. */
  readonly advice: string;
  /** `null` when the text was given instead of a file. */
  readonly path: string | null;
}

/** The file as a whole is not usable; nothing of it was taken over. */
export class InvoiceFileError extends Error {
  override readonly name = 'InvoiceFileError';
  readonly code: InvoiceFileCode;
  readonly problem: InvoiceFileProblem;

  constructor(problem: InvoiceFileProblem, options?: ErrorOptions) {
    const where = problem.path === null ? 'invoices' : `invoice file ${problem.path}`;
    super(`${where}: expected ${problem.expected}, got ${problem.got}; ${problem.advice}`, options);
    this.code = problem.code;
    this.problem = problem;
  }
}

/** The encodings that the file may have. */
type InvoiceEncoding = 'utf-8' | 'latin-1';

function describeFailure(error: unknown, path: string): InvoiceFileError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
  return new InvoiceFileError(
    {
      code: isMissing ? 'NOT_FOUND' : 'UNREADABLE',
      expected: 'a file that can be read',
      got: isMissing ? 'no such file' : code,
      advice: isMissing ? 'check the path' : 'check that it may be read by this user',
      path,
    },
    { cause: error },
  );
}

function createDecoder(encoding: InvoiceEncoding): (bytes: Buffer | null) => string {
  // Not the TextDecoder for Latin-1: what it makes of the bytes 0x80-0x9F differs between Node 20
  // and 24, and an order must not depend on that.
  if (encoding === 'latin-1') return (bytes) => bytes?.toString('latin1') ?? '';
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return (bytes) => (bytes === null ? decoder.decode() : decoder.decode(bytes, { stream: true }));
}

/**
 * Reads a file piece by piece. `false` when it is not text in this encoding: what was handed out
 * until then is worthless.
 *
 * @throws InvoiceFileError `NOT_FOUND`, `NOT_A_FILE`, `UNREADABLE`, `TOO_LARGE`
 */
export async function readInvoiceFile(
  path: string,
  encoding: InvoiceEncoding,
  maxBytes: number,
  push: (text: string) => void,
): Promise<boolean> {
  const failWith = (error: unknown): never => {
    throw describeFailure(error, path);
  };
  const status = await stat(path).catch(failWith);
  if (!status.isFile()) {
    throw new InvoiceFileError({
      code: 'NOT_A_FILE',
      expected: 'a file',
      got: status.isDirectory() ? 'a folder' : 'something else',
      advice: 'name the CSV file itself',
      path,
    });
  }
  const decode = createDecoder(encoding);
  const buffer = Buffer.alloc(PIECE_BYTES);
  let readBytes = 0;
  const handle = await open(path).catch(failWith);
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES).catch(failWith);
      readBytes += bytesRead;
      if (readBytes > maxBytes) throw createTooLarge(path, maxBytes);
      const text = decodeOrNull(decode, bytesRead === 0 ? null : buffer.subarray(0, bytesRead));
      if (text === null) return false;
      push(text);
      if (bytesRead === 0) return true;
    }
  } finally {
    await handle.close();
  }
}

function createTooLarge(path: string, maxBytes: number): InvoiceFileError {
  return new InvoiceFileError({
    code: 'TOO_LARGE',
    expected: `at most ${maxBytes} bytes`,
    got: 'more',
    advice: 'split the file or raise the limit maxBytes',
    path,
  });
}

function decodeOrNull(
  decode: (bytes: Buffer | null) => string,
  bytes: Buffer | null,
): string | null {
  try {
    return decode(bytes);
  } catch (error) {
    // The fatal decoder's TypeError is its answer to "is this UTF-8?".
    if (error instanceof TypeError) return null;
    throw error;
  }
}
