// The rules of style that no linter knows, each as a function from one source file to complaints.
// Reads no file itself: style.test.ts feeds it the project's files, and bad text that it must refuse.

/** One file of the project: path from the root with `/`, and its whole text. */
export type SourceFile = { readonly path: string; readonly text: string };

/** What a rule says about a file: the line it is about and what to do instead. */
export type Complaint = { readonly line: number; readonly message: string };

/** A rule of style; `name` says what is refused. */
export type StyleRule = {
  readonly name: string;
  readonly check: (file: SourceFile) => readonly Complaint[];
};

const LINES_MAX = 400;
const OPENING_LINES_MAX = 6;

/** Every rule, in the order in which complaints are listed. */
export const styleRules: readonly StyleRule[] = [
  { name: 'file too long', check: refuseLongFile },
  { name: 'no opening comment', check: refuseBareOpening },
  { name: 'bucket name', check: refuseBucketName },
  {
    name: 'clock, timer or randomness outside of src/platform.ts',
    check: refuseInCode(
      /\b(?:Date\.now|performance\.now|process\.hrtime|Math\.random|randomUUID|getRandomValues|randomBytes|setTimeout|setInterval|setImmediate)\b(?=\s*[.(])|\bnew Date\(\s*\)|\bDate\(\s*\)/,
      'take the clock, the timer or the random source as an argument, or add it to src/platform.ts',
      // Pages run in a browser, beside the engine.
      (path) =>
        /^(?:src(?!\/(?:cli\/past|inspect)\/page\/|\/platform\.ts$)|store|machines)\//.test(path),
    ),
  },
  {
    name: 'import of a name that Node 22.12 lacks',
    // A missing name fails the whole program before it can say which Node it needs.
    check: refuseInCode(
      /\bimport\s*\{[^}]*\bstripTypeScriptTypes\b/,
      'import the default of node:module, and use its member where it is needed',
    ),
  },
  {
    name: 'cast to any',
    check: refuseInCode(/\bas any\b|<any>/, 'name the type, or take `unknown` and check it'),
  },
  {
    name: 'silenced compiler',
    check: refuseInText(/@ts-(?:ignore|expect-error|nocheck)\b/, 'make the types agree'),
  },
  {
    name: 'work left in a comment',
    check: refuseInText(/\b(?:TODO|FIXME|XXX|HACK)\b/, 'do it now, or drop the remark'),
  },
  {
    name: 'path of one machine',
    check: refuseInText(
      /(?<![\w.\])}/])\/(?:work|tmp|root|home|Users|mnt)\/|\b[A-Z]:\\{1,2}Users\b/,
      'build the path from the file (import.meta.url), the working folder or os.tmpdir()',
    ),
  },
];

/** All complaints about one file as lines of text: `path:line rule: what to do`. */
export function checkStyle(file: SourceFile): string[] {
  return styleRules.flatMap(({ name, check }) =>
    check(file).map(({ line, message }) => `${file.path}:${line} ${name}: ${message}`),
  );
}

function refuseLongFile({ text }: SourceFile): readonly Complaint[] {
  const lines = text.replace(/\n$/, '').split('\n').length;
  if (lines <= LINES_MAX) return [];
  return [{ line: lines, message: `expected at most ${LINES_MAX} lines, got ${lines}: split it` }];
}

function refuseBareOpening({ text }: SourceFile): readonly Complaint[] {
  const opening = /^(?:#!.*\n)?(?<comment>\/\*[\s\S]*?\*\/|(?:\/\/.*(?:\n|$))+)/.exec(text);
  const comment = opening?.groups?.['comment'] ?? '';
  const said = comment.split('\n').filter((line) => /\p{L}/u.test(line)).length;
  const wanted = `2 to ${OPENING_LINES_MAX} lines: its place in the flow, and what it never does`;
  if (said === 0) return [{ line: 1, message: `open the file with ${wanted}` }];
  if (said <= OPENING_LINES_MAX) return [];
  return [{ line: said, message: `expected an opening of ${wanted}; got ${said} lines` }];
}

function refuseBucketName({ path }: SourceFile): readonly Complaint[] {
  const bucket = path
    .replace(/\.[^/]*$/, '')
    .split('/')
    .find((name) => /^(?:common|misc|(?:.+-)?(?:util|utils|helpers|types))$/.test(name));
  if (bucket === undefined) return [];
  return [{ line: 1, message: `'${bucket}' says nothing; name the file by a noun of the flow` }];
}

/** Refuses a pattern anywhere in the text, comments and strings included. */
function refuseInText(pattern: RegExp, message: string): StyleRule['check'] {
  return ({ text }) => matchingLines(text.split('\n'), pattern, message);
}

/** Refuses a pattern in code; comments may speak of it. */
function refuseInCode(
  pattern: RegExp,
  message: string,
  applies: (path: string) => boolean = () => true,
): StyleRule['check'] {
  return ({ path, text }) =>
    applies(path) ? matchingLines(blankComments(text).split('\n'), pattern, message) : [];
}

function matchingLines(lines: readonly string[], pattern: RegExp, message: string): Complaint[] {
  return lines.flatMap((text, index) =>
    pattern.test(text) ? [{ line: index + 1, message: `${message}: ${text.trim()}` }] : [],
  );
}

/** Empties comments but keeps the lines. A `//` inside of a string (`http://`) is no comment. */
function blankComments(text: string): string {
  return text
    .replace(/^\s*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(?<=^|\s)\/\/.*$/gm, '');
}
