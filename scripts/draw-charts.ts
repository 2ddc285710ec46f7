// `npm run docs:charts`: draws the statecharts of the documents anew and removes pictures of machines that
// are gone. Touches docs/charts/ only.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawPictures } from './chart-pictures.ts';

const folder = join(import.meta.dirname, '../docs/charts');
const pictures = await drawPictures();
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (!pictures.has(name)) rmSync(join(folder, name));
for (const [name, svg] of pictures) writeFileSync(join(folder, name), svg);
console.log(`docs/charts: ${pictures.size} pictures`);
