// `npm run build`, and what npm runs before it packs the package: dist/ as the sources are now.

import { fileURLToPath } from 'node:url';
import { build } from './build-main.mjs';
import { orRefuse } from './refusal.mjs';

await orRefuse(() => build(fileURLToPath(new URL('..', import.meta.url))));
