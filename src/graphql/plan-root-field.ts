// One root field over tables becomes a plan of records. Each kind of field is a line here.

import { planAggregate } from '../records/aggregate-records.ts';
import { planReadConnection, planReadList, planReadOne } from '../records/read-records.ts';
import { readAggregate } from './aggregates/read-aggregate.ts';
import type { AskedField } from './asked-field.ts';
import { readConnection } from './connections/read-connection.ts';
import { type Price, priceOfAggregate, priceOfConnection, priceOfList, priceOfOne } from './cost/price.ts';
import { readList } from './lists/read-list.ts';
import { planNode } from './node/plan-node.ts';
import type { PlannedField, Planner } from './plan-operation.ts';
import { readKey } from './read-inputs.ts';
import { readSelection } from './read-selection.ts';
import { planWrite } from './writes/plan-write.ts';

/** Plans it. Throws ServiceError for what is wrong with its arguments, or for what the caller may not ask. */
export function planRootField(planner: Planner, asked: AskedField): Pick<PlannedField, 'run' | 'price' | 'scripted'> {
  const { store, model, caller } = planner;
  const { meaning, key } = asked;
  switch (meaning.kind) {
    case 'node':
      return planNode(planner, asked);
    case 'readOne': {
      const by = readKey(asked.argumentType('by'), asked.argument('by'));
      const selection = readSelection(meaning.table, asked);
      return priced(planReadOne(store, model, caller, { selection, by }), priceOfOne(key, selection));
    }
    case 'list': {
      const list = readList(meaning.table, asked);
      return priced(planReadList(store, model, caller, list), priceOfList(key, list));
    }
    case 'connection': {
      const connection = readConnection(meaning.table, asked);
      return priced(planReadConnection(store, model, caller, connection), priceOfConnection(key, connection));
    }
    case 'aggregate': {
      const aggregate = readAggregate(meaning.table, asked);
      return priced(planAggregate(store, model, caller, aggregate), priceOfAggregate(key, aggregate));
    }
    case 'write':
      return planWrite(planner, asked, meaning);
    default:
      throw new Error(`${asked.name} is no root field`);
  }
}

function priced(compiled: Pick<PlannedField, 'run'>, price: Price): Pick<PlannedField, 'run' | 'price'> {
  return { run: (request) => compiled.run(request), price: () => price };
}
