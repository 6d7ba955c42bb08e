// One root field over tables becomes a plan of records. Each kind of field is a line here.

import { planAggregate } from '../records/aggregate-records.ts';
import { planInsert } from '../records/insert-record.ts';
import { planReadConnection, planReadList, planReadOne } from '../records/read-records.ts';
import type { Request } from '../records/value-source.ts';
import { readAggregate } from './aggregates/read-aggregate.ts';
import type { AskedField } from './asked-field.ts';
import { readConnection } from './connections/read-connection.ts';
import { readList } from './lists/read-list.ts';
import { planNode } from './node/plan-node.ts';
import type { Planner } from './plan-operation.ts';
import { readGivenValues, readKey } from './read-inputs.ts';
import { readSelection } from './read-selection.ts';

/** Plans it. Throws ServiceError for what is wrong with its arguments, or for what the caller may not ask. */
export function planRootField(planner: Planner, asked: AskedField): { run(request: Request): Promise<string> } {
  const { store, model, caller } = planner;
  const { meaning } = asked;
  switch (meaning.kind) {
    case 'node':
      return planNode(planner, asked);
    case 'readOne': {
      const by = readKey(asked.argumentType('by'), asked.argument('by'));
      return planReadOne(store, model, caller, { selection: readSelection(meaning.table, asked), by });
    }
    case 'list':
      return planReadList(store, model, caller, readList(meaning.table, asked));
    case 'connection':
      return planReadConnection(store, model, caller, readConnection(meaning.table, asked));
    case 'aggregate':
      return planAggregate(store, model, caller, readAggregate(meaning.table, asked));
    case 'insert': {
      const given = readGivenValues(asked.argumentType('data'), asked.argument('data'), ['data']);
      return planInsert(store, model, caller, { selection: readSelection(meaning.table, asked), given });
    }
    default:
      throw new Error(`${asked.name} is no root field`);
  }
}
