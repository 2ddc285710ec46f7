// The config file of the shop: what `sagawright` finds beside a program.

import { type Config, defineConfig } from 'sagawright';
import { checkout, subscription } from './shop.ts';

const config: Config = defineConfig({
  database: 'shop.db',
  machines: [checkout, subscription],
});

export default config;
