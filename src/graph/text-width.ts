// How wide a text is in Helvetica and the fonts made to its measures (Arial, Liberation Sans), without
// a font at hand: from the widths that the font's own metrics file gives. Pictures also say the width in
// the SVG (textLength), so that another font is fitted into the same place.

/** Thousandths of the font's size for the characters from space to `~`. */
const REGULAR: readonly number[] = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
  556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
  611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
  667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
  222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
const BOLD: readonly number[] = [
  278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
  556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
  611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
  667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
  278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];
const FIRST = 0x20;
/** Letters beyond ASCII are about as wide as `n`; what fills a square is as wide as high. */
const OTHER = 600;
const SQUARE = 1000;
const FIRST_SQUARE = 0x1100;

/** The width of one line in pixels at a font size in pixels. */
export function textWidth(text: string, sizePx: number, isBold = false): number {
  const widths = isBold ? BOLD : REGULAR;
  let thousandths = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const beyond = code >= FIRST_SQUARE || character === '…' ? SQUARE : OTHER;
    thousandths += widths[code - FIRST] ?? beyond;
  }
  return (thousandths * sizePx) / 1000;
}

/** Words in lines of at most `maxPx`; a word that is longer is a line of its own. */
export function wrapText(
  text: string,
  maxPx: number,
  sizePx: number,
  isBold = false,
): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer, sizePx, isBold) > maxPx) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return line === '' ? lines : [...lines, line];
}
