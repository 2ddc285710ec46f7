// `npm run docs:cli`: runs the commands in the pages of the command line anew, and writes what they print
// behind them. Touches docs/cli.md and docs/cli/ only.

import { writeFileSync } from 'node:fs';
import { renderPages } from './cli-docs/pages.ts';

const pages = await renderPages();
for (const { path, fresh } of pages) writeFileSync(path, fresh);
console.log(`docs/cli: ${pages.length} pages`);
