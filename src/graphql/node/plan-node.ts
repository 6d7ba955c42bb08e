// `node(nodeId:)`: one row of any table. Which table is known only when a request comes, so that the statement for each is
// made when a request first names it, and kept with the plan.

import { isObjectType } from 'graphql';
import { ServiceError } from '../../platform/errors.ts';
import type { CompiledRead } from '../../records/ports.ts';
import { planReadOne } from '../../records/read-records.ts';
import { type Request, resolveSource } from '../../records/value-source.ts';
import { columnOf } from '../../tables/model.ts';
import { typeNames } from '../../tables/names.ts';
import type { AskedField } from '../asked-field.ts';
import { type Price, priceOfOne } from '../cost/price.ts';
import type { PlannedField, Planner } from '../plan-operation.ts';
import { readSelection } from '../read-selection.ts';
import { readNodeId } from './read-node-id.ts';

/** The variable that carries the row's id to its statement; no client's variable can have this name. */
const ROW_ID = '#id';

/** Plans reading a row by its nodeId. A table that the caller may not read looks like one that does not exist: null. */
export function planNode(planner: Planner, asked: AskedField): Pick<PlannedField, 'run' | 'price'> {
  const nodeId = asked.argument('nodeId');
  if (nodeId.kind !== 'leaf') throw new Error('nodeId is required');
  const plans = new Map<string, TablePlan | null>();
  const planFor = (request: Request) => {
    const { table, id } = readNodeId(resolveSource(nodeId.source, request));
    if (!plans.has(table) && planner.model.tables.has(table)) plans.set(table, planTable(planner, asked, table));
    return { plan: plans.get(table), id };
  };
  return {
    run: async (request) => {
      const { plan, id } = planFor(request);
      const variables = { ...request.variables, [ROW_ID]: id };
      return plan?.read.run({ ...request, variables }) ?? 'null';
    },
    price: (request) => {
      try {
        return planFor(request).plan?.price ?? null;
      } catch (error) {
        // What is wrong with the nodeId fails the field, when it is run.
        if (error instanceof ServiceError && error.code !== 'QUERY_TOO_COMPLEX') return null;
        throw error;
      }
    },
  };
}

interface TablePlan {
  readonly read: CompiledRead;
  readonly price: Price;
}

function planTable({ schema, store, model, caller }: Planner, asked: AskedField, name: string): TablePlan | null {
  const table = model.tables.get(name);
  const type = table && schema.getType(typeNames(table).row);
  if (!table || !isObjectType(type)) return null;
  const column = columnOf(table, 'id');
  const slot = { source: { from: 'variable', path: [ROW_ID] }, type: column.type, list: false } as const;
  const selection = readSelection(table, asked, type);
  return {
    read: planReadOne(store, model, caller, { selection, by: [{ column, slot }] }),
    price: priceOfOne(asked.key, selection),
  };
}
