// Checks, foreign keys, uniques and indexes are made to be what the schema says. On a table with rows a constraint begins with
// new rows and is validated afterwards, and an index is built afterwards, so that nobody waits while rows are looked through.

import { createHash } from 'node:crypto';
import type { TableModel } from '../../../tables/model.ts';
import { APP_SCHEMA, quoteName, tableName } from '../sql-text.ts';
import { type DatabaseState, MADE_BY, type ObjectState, type TableState } from './database-state.ts';
import type { PlanDraft } from './model-plan.ts';
import { MODEL_NAMES, namesBefore, objectHazard } from './object-hazards.ts';
import {
  createUnvalidated,
  dropObject,
  noteObject,
  renameObject,
  requiredObject,
  type TableObject,
} from './table-objects.ts';

interface Place {
  readonly table: TableModel;
  readonly found: TableState;
  readonly state: DatabaseState;
  readonly draft: PlanDraft;
}

/** Plans what holds the rows of a table that is there. */
export function planObjects(
  table: TableModel,
  found: TableState,
  wanted: readonly TableObject[],
  state: DatabaseState,
  draft: PlanDraft,
): void {
  const place: Place = { table, found, state, draft };
  planLeft(place, wanted, 'constraint');
  for (const object of wanted) {
    const existing = found.objects.get(object.name);
    if (object.kind === 'constraint') planConstraint(place, object, existing);
    else planIndex(place, object, existing);
  }
  planLeft(place, wanted, 'index');
}

/** What the schema no longer says goes: a constraint at once, an index when what replaces it is there. */
function planLeft({ table, found, draft }: Place, wanted: readonly TableObject[], kind: ObjectState['kind']): void {
  const standsForRequired = [...table.columns.values()]
    .filter((column) => column.required && found.columns.get(column.sqlName)?.required === false)
    .map((column) => requiredObject(table, column).name);
  const kept = new Set([...wanted.map(({ name }) => name), ...standsForRequired]);
  for (const [name, object] of found.objects) {
    if (kept.has(name) || object.kind !== kind) continue;
    const step = object.create === '' || isRetired(name) ? null : `drop ${quoteName(name)} of ${table.name}`;
    const at = { step, table: found };
    if (kind === 'constraint')
      draft.changes.push({ statements: [dropObject(table, name, object)], impact: 'moment', ...at });
    else
      draft.afterwards.push({
        statements: [dropConcurrently(name)],
        impact: 'none',
        ...at,
        cleanUp: [],
        against: null,
      });
  }
}

function planConstraint(place: Place, object: TableObject, existing: ObjectState | undefined): void {
  const { table, found, state, draft } = place;
  const same = existing?.create === object.create;
  if (same && (existing.valid || existing.tolerant)) {
    if (!existing.valid) reportTolerated(place, object);
    return;
  }
  const hazard = objectHazard(table, object, namesBefore(state));
  const step = `make ${object.meaning}`;
  if (!same) {
    const drop = existing ? [dropObject(table, object.name, existing)] : [];
    if (drop.length > 0) draft.changes.push({ statements: drop, step: null, impact: 'moment', table: found });
    draft.changes.push({
      statements: createUnvalidated(table, object, false),
      step: null,
      impact: 'moment',
      table: found,
      ...(hazard ? { hazard } : {}),
    });
  }
  draft.afterwards.push({
    statements: [`ALTER TABLE ${tableName(table)} VALIDATE CONSTRAINT ${quoteName(object.name)}`],
    step,
    impact: 'reads',
    table: found,
    cleanUp: [],
    against: objectHazard(table, object, MODEL_NAMES),
  });
}

/** A rule that was allowed to hold for new rows only is told of, as long as it is so. */
function reportTolerated({ table, found, draft }: Place, { meaning }: TableObject): void {
  draft.leftovers.push({
    what: `rows of ${table.name} that are not such as the schema says (${meaning})`,
    drop: null,
    table: found,
  });
}

function planIndex(
  { table, found, state, draft }: Place,
  object: TableObject,
  existing: ObjectState | undefined,
): void {
  if (existing?.create === object.create && existing.valid) return;
  const hazard = objectHazard(table, object, namesBefore(state));
  const cleanUp = [dropConcurrently(object.name)];
  const begun = existing !== undefined && existing.create === '';
  const old = existing && !begun ? retiredName(object.name) : null;
  // The old one goes on holding the rows apart until the new one is there.
  if (old)
    draft.changes.push({
      statements: [
        ...(found.objects.has(old) ? [`DROP INDEX ${quoteName(APP_SCHEMA)}.${quoteName(old)}`] : []),
        renameObject(table, object, object.name, old),
      ],
      step: null,
      impact: 'moment',
      table: found,
    });
  if (hazard) draft.changes.push({ statements: [], step: null, impact: 'none', table: found, hazard });
  draft.afterwards.push({
    statements: [
      ...(begun ? cleanUp : []),
      object.create.replace(/^CREATE (UNIQUE )?INDEX/, '$& CONCURRENTLY'),
      noteObject(table, object, MADE_BY),
      ...(old ? [dropConcurrently(old)] : []),
    ],
    step: `make ${object.meaning}`,
    impact: 'reads',
    table: found,
    cleanUp,
    against: objectHazard(table, object, MODEL_NAMES),
  });
}

const dropConcurrently = (name: string) =>
  `DROP INDEX CONCURRENTLY IF EXISTS ${quoteName(APP_SCHEMA)}.${quoteName(name)}`;

const isRetired = (name: string) => /^[\da-f]{20}\.old$/.test(name);

/** What an index is called while another takes its place. */
function retiredName(name: string): string {
  return `${createHash('sha256').update(name).digest('hex').slice(0, 20)}.old`;
}
