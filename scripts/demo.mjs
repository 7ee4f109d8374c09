/** `npm run demo`: set up what is missing, then run the example. */

import { main } from './lib/plain-error.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await setup();
  await import('../examples/demo.mjs');
});
