// Rows of the log as the read script of their table tells them, for the events of one batch.

import type { Image } from '../../changes/change.ts';
import { imageJson } from '../../changes/image-value.ts';
import { checkTold, valueOrKept } from '../../records/check-told.ts';
import type { PlainRow, RowScripts } from '../../records/row-scripts.ts';
import type { Request } from '../../records/value-source.ts';
import type { Column, TableModel } from '../../tables/model.ts';

/** What is told of images; one that the script leaves out is not there. */
export type ToldImages = ReadonlyMap<Image, PlainRow>;

/**
 * Asks the script of a table. It tells rows by their ids, so that states of one row go to it in different runs: as many as
 * the most states that a row has here, at the same time. Throws SCRIPT_FAILED for rows that there cannot be.
 */
export async function tellImages(
  scripts: RowScripts,
  table: TableModel,
  images: Iterable<Image>,
  request: Request,
): Promise<ToldImages> {
  const rounds: Map<string, Image>[] = [];
  for (const image of new Set(images)) {
    const id = image['id'] ?? '';
    const free = rounds.find((round) => !round.has(id));
    if (free) free.set(id, image);
    else rounds.push(new Map([[id, image]]));
  }
  const told = new Map<Image, PlainRow>();
  const tellRound = async (round: ReadonlyMap<string, Image>) => {
    const given = new Map([...round].map(([id, image]) => [id, wholeRow(table, image)]));
    const rows = await scripts.read(table, [...given.values()], request);
    checkTold(table, given, rows);
    for (const [id, image] of round) {
      const row = rows.get(id);
      if (row) told.set(image, row);
    }
  };
  await Promise.all(rounds.map(tellRound));
  return told;
}

/** The JSON of a column as it is told. What the script left as it was is told as it was kept. */
export function toldJson(table: TableModel, column: Column, image: Image, told: PlainRow): string {
  const kept = imageJson(column, image);
  const before: unknown = JSON.parse(kept);
  const value = valueOrKept(table, column, told, before);
  return value === before ? kept : JSON.stringify(value);
}

function wholeRow(table: TableModel, image: Image): PlainRow {
  const columns = [...table.columns.values()];
  return Object.fromEntries(columns.map((column) => [column.name, JSON.parse(imageJson(column, image)) as unknown]));
}
