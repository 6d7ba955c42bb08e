// Which run the code that is running belongs to, however many are under way.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Run } from './run.ts';

export const currentRun = new AsyncLocalStorage<Run>();
