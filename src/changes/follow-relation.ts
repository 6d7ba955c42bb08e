// Following relations among mirrored rows: from a row to those it leads to, and back to those that lead to it.

import { type Model, type Relation, type TableModel, tableOf } from '../tables/model.ts';
import type { RelatedRow } from '../tables/prepare-filter.ts';
import type { Image } from './change.ts';
import { rowsOf } from './image-value.ts';
import type { Mirror } from './mirror.ts';

/** A row that a relation leads to, and those of the table between. */
interface Led {
  readonly image: Image;
  readonly links: readonly Image[];
}

/** One step of a way through relations. */
export interface Step {
  readonly from: TableModel;
  readonly relation: Relation;
}

/** The images that the relation leads to from one of its table's. */
function* led(model: Model, { from, relation }: Step, image: Image, mirror: Mirror): Generator<Led> {
  const target = tableOf(model, relation.target);
  const { link } = relation;
  const id = image['id'];
  if (link) {
    if (!id) return;
    const byTarget = new Map<string, Image[]>();
    for (const row of mirror.get(link.sqlName, link.ownerColumn, id)) {
      const key = row[link.targetColumn];
      if (key) byTarget.set(key, [...(byTarget.get(key) ?? []), row]);
    }
    for (const [key, links] of byTarget) {
      for (const found of mirror.get(target.sqlName, 'id', key)) yield { image: found, links };
    }
    return;
  }
  const [table, column, key] =
    relation.kind === 'belongsTo'
      ? [target, 'id', image[sqlColumn(from, relation.column)]]
      : [target, sqlColumn(target, relation.column), id];
  if (key) for (const found of mirror.get(table.sqlName, column, key)) yield { image: found, links: [] };
}

/** What `FilterWorld.related` asks: all rows that a relation leads to. */
export function* relatedRows(model: Model, step: Step, image: Image, mirror: Mirror): Generator<RelatedRow> {
  const toRow = rowsOf(tableOf(model, step.relation.target));
  const through = step.relation.link?.table;
  const toLink = through ? rowsOf(tableOf(model, through)) : null;
  for (const { image: found, links } of led(model, step, image, mirror)) {
    yield { row: toRow(found), links: toLink ? links.map(toLink) : [] };
  }
}

/** The images at the end of a way. */
export function imagesAlong(model: Model, way: readonly Step[], image: Image, mirror: Mirror): Set<Image> {
  let found = new Set([image]);
  for (const step of way) {
    const next = new Set<Image>();
    for (const one of found) for (const { image: other } of led(model, step, one, mirror)) next.add(other);
    found = next;
  }
  return found;
}

/** The images at the beginning of a way that lead to one of these at its end. */
export function imagesBack(model: Model, way: readonly Step[], ends: Iterable<Image>, mirror: Mirror): Set<Image> {
  let found = new Set(ends);
  for (const step of way.toReversed()) {
    const before = new Set<Image>();
    for (const image of found) for (const one of leading(model, step, image, mirror)) before.add(one);
    found = before;
  }
  return found;
}

function* leading(model: Model, { from, relation }: Step, image: Image, mirror: Mirror): Generator<Image> {
  const { link } = relation;
  const id = image['id'];
  if (link) {
    if (id)
      for (const row of mirror.get(link.sqlName, link.targetColumn, id)) yield* leadingThrough(from, link, row, mirror);
    return;
  }
  if (relation.kind === 'belongsTo') {
    if (id) yield* mirror.get(from.sqlName, sqlColumn(from, relation.column), id);
    return;
  }
  const owner = image[sqlColumn(tableOf(model, relation.target), relation.column)];
  if (owner) yield* mirror.get(from.sqlName, 'id', owner);
}

/** The rows that a row of the table between leads away from. */
export function* leadingThrough(
  from: TableModel,
  link: NonNullable<Relation['link']>,
  row: Image,
  mirror: Mirror,
): Generator<Image> {
  const owner = row[link.ownerColumn];
  if (owner) yield* mirror.get(from.sqlName, 'id', owner);
}

function sqlColumn(table: TableModel, name: string): string {
  return table.columns.get(name)?.sqlName ?? name;
}
