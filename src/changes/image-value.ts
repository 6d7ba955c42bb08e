// Values of images: the texts that the log keeps become the API's inner forms, for filters, and its JSON, for answers.

import { toDateTime, toTime } from '../tables/date-time.ts';
import type { Column, ColumnType, TableModel } from '../tables/model.ts';
import type { Row } from '../tables/prepare-filter.ts';
import type { Image } from './change.ts';

/** The value of a column in an image, in the inner form that filters judge. A column that the image does not have is null. */
export function imageValue(column: Column, image: Image): unknown {
  const text = image[column.sqlName] ?? null;
  if (text === null) return null;
  if (!column.list) return innerValue(column.type, text);
  return itemsOf(column.type, text).map((item) => innerValue(column.type, item));
}

/** The JSON of a column in an image, as an answer of a query has it. */
export function imageJson(column: Column, image: Image): string {
  const text = image[column.sqlName] ?? null;
  if (text === null) return 'null';
  if (!column.list) return valueJson(column.type, text);
  return `[${itemsOf(column.type, text)
    .map((item) => valueJson(column.type, item))
    .join(',')}]`;
}

function innerValue(type: ColumnType, text: string): unknown {
  if (type.kind === 'enum') return text;
  switch (type.name) {
    case 'Int':
    case 'Float':
      return Number(text);
    case 'Boolean':
      return text === 'true';
    case 'JSON':
      return JSON.parse(text);
    case 'DateTime':
      return toDateTime(text) ?? text;
    case 'Time':
      return toTime(text) ?? text;
    case 'Bytes':
      return Buffer.from(text.slice(2), 'hex').toString('base64');
    default:
      return text;
  }
}

function valueJson(type: ColumnType, text: string): string {
  // JSON as it was kept: parsed, a long number would lose digits.
  if (type.kind === 'scalar' && type.name === 'JSON') return text;
  return JSON.stringify(innerValue(type, text));
}

/** Numbers whose digits a program would lose. */
const LONG_NUMBERS: readonly string[] = ['BigInt', 'Decimal', 'Version'];

/** The items of a list's JSON, each as the text that a value of its own would be. */
function itemsOf(type: ColumnType, text: string): string[] {
  if (type.kind === 'scalar' && LONG_NUMBERS.includes(type.name)) {
    const inside = text.slice(1, -1).trim();
    return inside === '' ? [] : inside.split(',').map((item) => item.trim());
  }
  const items = JSON.parse(text) as unknown[];
  const isJson = type.kind === 'scalar' && type.name === 'JSON';
  return items.map((item) => (typeof item === 'string' && !isJson ? item : JSON.stringify(item)));
}

/** Makes rows of images: each value is made when it is asked for. */
export type ToRow = (image: Image) => Row;

const IMAGE = Symbol('image');

/** The image that a row was made of. Programmer error for other rows. */
export function imageOf(row: Row): Image {
  const image: unknown = Reflect.get(row, IMAGE);
  if (!image) throw new Error('this row was made of no image');
  return image as Image;
}

const makers = new WeakMap<TableModel, ToRow>();

/** The rows of a table's images. */
export function rowsOf(table: TableModel): ToRow {
  const known = makers.get(table);
  if (known) return known;
  const made = rowMaker(table);
  makers.set(table, made);
  return made;
}

/** A class for each table, so that a row is one small object and its columns are found like any property. */
function rowMaker(table: TableModel): ToRow {
  class ImageRow {
    readonly [IMAGE]: Image;
    constructor(image: Image) {
      this[IMAGE] = image;
    }
  }
  for (const column of table.columns.values()) {
    const { sqlName } = column;
    const get = isKeptAsText(column)
      ? function text(this: ImageRow) {
          return this[IMAGE][sqlName] ?? null;
        }
      : function value(this: ImageRow) {
          return imageValue(column, this[IMAGE]);
        };
    Object.defineProperty(ImageRow.prototype, column.name, { get });
  }
  return (image) => new ImageRow(image) as unknown as Row;
}

/** Whether the text of an image is the value itself. */
function isKeptAsText({ type, list }: Column): boolean {
  return (
    !list &&
    (type.kind === 'enum' || ['String', 'ID', 'UUID', 'BigInt', 'Decimal', 'Version', 'Date'].includes(type.name))
  );
}
