// Planning an operation for one request: the scripts that say which rows there are have to be asked first, of the tables that
// it touches. Which those are planning finds out, and is remembered.

import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { Request } from '../../records/value-source.ts';
import type { PlanCache } from '../plan-cache.ts';
import type { OperationPlan } from '../plan-operation.ts';
import { type ScriptFilters, UnknownRows } from './row-filters.ts';

export interface PlannedRequest {
  readonly plan: OperationPlan;
  /** With the answers of scripts among its variables. */
  readonly request: Request;
}

interface Planning {
  readonly plans: PlanCache;
  readonly filters?: ScriptFilters;
}

/** Plans it; at once, where no script has a say. Throws or rejects with ServiceError. */
export function planRequest(
  { plans, filters }: Planning,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  request: Request,
): PlannedRequest | Promise<PlannedRequest> {
  if (!filters) return { plan: plans.planFor(document, operation, request.variables), request };
  return planFiltered(plans, filters, document, operation, request);
}

async function planFiltered(
  plans: PlanCache,
  filters: ScriptFilters,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  request: Request,
): Promise<PlannedRequest> {
  const tables = plans.askedBy(operation);
  for (;;) {
    const variables = tables.size > 0 ? await filters.answer(tables, request) : request.variables;
    try {
      const plan = plans.planFor(document, operation, variables, { filters, tables });
      const planned = { ...request, variables };
      // Some of a plan is made when a request first needs it: what it costs has to know all of it.
      for (const field of plan.fields) field.price(planned);
      return { plan, request: planned };
    } catch (error) {
      if (!(error instanceof UnknownRows)) throw error;
      tables.add(error.table);
    }
  }
}
