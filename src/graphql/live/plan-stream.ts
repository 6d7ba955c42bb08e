// A subscription becomes a plan: what to follow, for whom, and how to tell it. Like every plan it is made for a class of callers
// and holds no value of a client.

import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, visit } from 'graphql';
import type { Outlet } from '../../changes/batch.ts';
import type { ChangeCursor } from '../../changes/change-cursor.ts';
import type { Feed, Following } from '../../changes/feed.ts';
import type { LiveQueries } from '../../changes/live-queries.ts';
import type { RowPages } from '../../changes/row-pages.ts';
import type { Request } from '../../records/value-source.ts';
import type { AskedField } from '../asked-field.ts';
import type { Price } from '../cost/price.ts';
import type { Planner } from '../plan-operation.ts';
import { planChanges } from './plan-changes.ts';
import { planLiveList } from './plan-live-list.ts';

/** What the subscriptions of a model are served from. */
export interface Live {
  readonly feed: Feed;
  readonly queries: LiveQueries;
  readonly pages: RowPages;
}

/** A planner that has it. */
export interface StreamPlanner extends Planner {
  readonly live: Live;
}

/** Where a subscription goes on that was open under another model. */
export interface Resumption {
  readonly since: ChangeCursor | null;
  /** Whether what was told before is void. */
  readonly anew: boolean;
}

export interface PlannedStream {
  /** Names the rules of a request: what was told under the same ones still holds. */
  readonly rulesOf: (request: Request) => string;
  /** Whether each answer is all there is to tell, so that an equal one tells nothing. */
  readonly answersWhole: boolean;
  readonly price: (request: Request) => Price | null;
  /** Registers it before it returns. Throws ServiceError for what is wrong with values. */
  open(request: Request, outlet: Outlet, resumption?: Resumption): Following;
}

/** Plans the one root field of a subscription. Throws ServiceError for what the caller may not ask. */
export function planStream(
  { live, ...planner }: Planner,
  asked: AskedField,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): PlannedStream {
  if (!live) throw new Error('nothing serves subscriptions here');
  const { meaning } = asked;
  const groups = new Groups(asked, operation, fragments);
  if (meaning.kind === 'changes') return planChanges({ ...planner, live }, asked, meaning.table, groups);
  if (meaning.kind === 'liveList') return planLiveList({ ...planner, live }, asked, meaning.table, groups);
  throw new Error(`${asked.name} is no subscription`);
}

let plans = 0;

/** Names of what is the same for several requests of one plan. */
export class Groups {
  readonly #plan: number;
  /** A variable that is given for `since` alone: where somebody begins makes no difference to what there is to tell. */
  readonly #start: string | null;

  constructor(
    asked: AskedField,
    operation: OperationDefinitionNode,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  ) {
    plans += 1;
    this.#plan = plans;
    const since = asked.nodes[0]?.arguments?.find(({ name }) => name.value === 'since')?.value;
    const name = since?.kind === Kind.VARIABLE ? since.name.value : null;
    const uses =
      name === null ? 0 : [operation, ...fragments.values()].reduce((sum, node) => sum + usesOf(name, node), 0);
    // Once where it is defined, and once where it is used.
    this.#start = uses === 2 ? name : null;
  }

  /** The group of a request. `personal`: what is told depends on who asks and what scripts see of it, not only on the class. */
  groupOf({ caller, variables, forScripts }: Request, personal: boolean): string {
    const given = Object.entries(variables).filter(([name]) => name !== this.#start);
    return JSON.stringify([this.#plan, given, personal ? [caller, forScripts ?? null] : null]);
  }
}

function usesOf(name: string, node: OperationDefinitionNode | FragmentDefinitionNode): number {
  let uses = 0;
  visit(node, {
    Variable(variable) {
      if (variable.name.value === name) uses += 1;
    },
  });
  return uses;
}
