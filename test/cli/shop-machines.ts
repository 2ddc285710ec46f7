// The machines of the shop of examples/fulfilment, as the command line takes them by `--machines`: what a
// program that runs that shop would export.

import { EXAMPLES } from '../../examples/fulfilment/fulfilments.ts';
import { SHOP_MACHINES } from '../../examples/fulfilment/shop-machines.ts';

export const machines: readonly unknown[] = [
  ...SHOP_MACHINES,
  ...Object.values(EXAMPLES).map(({ saga }) => saga),
];
