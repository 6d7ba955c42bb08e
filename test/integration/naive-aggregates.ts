// Aggregates for tests: loops over rows in memory, in the forms of the API. It shares nothing with the product but the
// meaning. Decimals are whole numbers with a place for the point, and never pass through a double.

/** A column that is grouped by and measured. */
export interface NaiveColumn {
  readonly name: string;
  readonly type: string;
  /** Of an enum, as declared. */
  readonly values?: readonly string[];
}

export type NaiveRow = Readonly<Record<string, unknown>>;

export type Having =
  | { readonly and: readonly Having[] }
  | { readonly or: readonly Having[] }
  | { readonly not: Having }
  | { readonly measure: readonly string[]; readonly type: string; readonly operator: string; readonly value: unknown };

export interface Question {
  /** Members of `group`: `dueAt`, `dueAtMonth`. */
  readonly groupBy: readonly string[];
  readonly having: Having | null;
}

/** An average is held as what it is: a sum and a count. */
export class Fraction {
  constructor(
    readonly sum: Decimal,
    readonly count: number,
  ) {}
}

/** `units` of 10 to the power of minus `scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

export function toDecimal(text: string): Decimal {
  const [whole = '', fraction = ''] = text.split('.');
  return { units: BigInt(whole + fraction), scale: fraction.length };
}

const scaled = ({ units, scale }: Decimal, to: number) => units * 10n ** BigInt(to - scale);

function written({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
}

export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const [left, right] = [scaled(a, scale), scaled(b, scale)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const NUMBERS = ['Int', 'BigInt', 'Float', 'Decimal'];
const UNMEASURED = ['Boolean', 'JSON', 'Bytes'];
const UNITS = ['Hour', 'Day', 'Week', 'Month', 'Year'];

/** -1, 0 or 1 in the order of the type. */
export function compareValues({ type, values }: Omit<NaiveColumn, 'name'>, a: unknown, b: unknown): number {
  if (values) return Math.sign(values.indexOf(String(a)) - values.indexOf(String(b)));
  if (type === 'Int' || type === 'Float' || type === 'Boolean') return Math.sign(Number(a) - Number(b));
  if (type === 'BigInt' || type === 'Decimal') return compareDecimals(toDecimal(String(a)), toDecimal(String(b)));
  return Math.sign(Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b))));
}

interface Key {
  readonly name: string;
  readonly column: NaiveColumn;
  readonly of: (value: unknown) => unknown;
}

/** The group keys of columns: each by itself, instants and days by their units too. */
export function keysOf(columns: readonly NaiveColumn[]): Key[] {
  return columns.flatMap((column): Key[] => {
    if (column.type === 'JSON' || column.type === 'Bytes') return [];
    const units = column.type === 'DateTime' ? UNITS : column.type === 'Date' ? UNITS.slice(2) : [];
    return [
      { name: column.name, column, of: (value) => shared(column, value) },
      ...units.map((unit) => ({
        name: `${column.name}${unit}`,
        column: { ...column, type: unit === 'Hour' ? 'DateTime' : 'Date' },
        of: (value: unknown) => start(unit, String(value)),
      })),
    ];
  });
}

/** How a value is shown that equal ones share. */
function shared({ type }: NaiveColumn, value: unknown): unknown {
  if (type === 'Float') return Number(value) === 0 ? 0 : value;
  if (type !== 'Decimal') return value;
  return String(value).includes('.') ? String(value).replace(/\.?0+$/, '') : value;
}

function start(unit: string, text: string): string {
  const day = text.slice(0, 10);
  if (unit === 'Hour') return `${text.slice(0, 13)}:00:00.000000Z`;
  if (unit === 'Day') return day;
  if (unit === 'Month') return `${day.slice(0, 7)}-01`;
  if (unit === 'Year') return `${day.slice(0, 4)}-01-01`;
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

/** The groups, in order, with everything that can be asked of them. */
export function aggregate(columns: readonly NaiveColumn[], rows: readonly NaiveRow[], { groupBy, having }: Question) {
  const known = keysOf(columns);
  const keys = groupBy.map((name) => known.find((key) => key.name === name)).filter((key) => key !== undefined);
  const groups = new Map<string, { key: unknown[]; rows: NaiveRow[] }>();
  if (keys.length === 0) groups.set('', { key: [], rows: [...rows] });
  else {
    for (const row of rows) {
      const key = keys.map(({ column, of }) => nullOr(row[column.name], of));
      const id = JSON.stringify(key);
      const group = groups.get(id) ?? { key, rows: [] };
      groups.set(id, group);
      group.rows.push(row);
    }
  }
  return [...groups.values()]
    .sort((a, b) => {
      const orders = keys.map(({ column }, at) => compareNullsLast(column, a.key[at], b.key[at]));
      return orders.find((order) => order !== 0) ?? 0;
    })
    .map((group) => ({
      group: Object.fromEntries(
        known.map(({ name }) => [name, group.key[keys.findIndex((key) => key.name === name)] ?? null]),
      ),
      ...measure(columns, group.rows),
    }))
    .filter((group) => having === null || judge(having, group) === true);
}

const nullOr = (value: unknown, of: (value: unknown) => unknown) => (value == null ? null : of(value));

function compareNullsLast(column: NaiveColumn, a: unknown, b: unknown): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareValues(column, a, b);
}

function measure(columns: readonly NaiveColumn[], rows: readonly NaiveRow[]) {
  const sum: Record<string, unknown> = {};
  const avg: Record<string, unknown> = {};
  const min: Record<string, unknown> = {};
  const max: Record<string, unknown> = {};
  for (const column of columns) {
    const { name, type } = column;
    // Of the two zeros of Floats, only 0 is answered.
    const own = rows.map((row) => (type === 'Float' && row[name] === 0 ? 0 : row[name]));
    const values = own.filter((value) => value != null);
    const sorted = [...values].sort((a, b) => compareValues(column, a, b));
    if (!UNMEASURED.includes(type)) {
      min[name] = sorted[0] ?? null;
      max[name] = sorted.at(-1) ?? null;
    }
    if (!NUMBERS.includes(type)) continue;
    if (type === 'Float') {
      const total = values.reduce<number>((whole, value) => whole + Number(value), 0);
      sum[name] = values.length > 0 ? total : null;
      avg[name] = values.length > 0 ? total / values.length : null;
    } else {
      const total = values.map((value) => toDecimal(String(value))).reduce(add, { units: 0n, scale: 0 });
      sum[name] = values.length > 0 ? written(total) : null;
      avg[name] = values.length > 0 ? new Fraction(total, values.length) : null;
    }
  }
  return { count: rows.length, sum, avg, min, max };
}

function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: scaled(a, scale) + scaled(b, scale), scale };
}

/** True, false, or null for unknown. */
function judge(having: Having, group: object): boolean | null {
  if ('and' in having) return all(having.and.map((part) => judge(part, group)));
  if ('or' in having) return not(all(having.or.map((part) => not(judge(part, group)))));
  if ('not' in having) return not(judge(having.not, group));
  const { measure: path, type, operator, value } = having;
  const own = path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], group);
  if (operator === 'isNull') return (own === null) === value;
  if (own === null) return null;
  const order =
    own instanceof Fraction ? compareFraction(own, toDecimal(String(value))) : compareValues({ type }, own, value);
  const verdicts: Record<string, boolean> = {
    eq: order === 0,
    ne: order !== 0,
    lt: order < 0,
    lte: order <= 0,
    gt: order > 0,
    gte: order >= 0,
  };
  return verdicts[operator] ?? null;
}

const compareFraction = ({ sum, count }: Fraction, value: Decimal) =>
  compareDecimals(sum, { units: value.units * BigInt(count), scale: value.scale });
const not = (verdict: boolean | null) => (verdict === null ? null : !verdict);
const all = (verdicts: readonly (boolean | null)[]) =>
  verdicts.includes(false) ? false : verdicts.includes(null) ? null : true;

/** Whether an answered average is the fraction, to 15 digits. */
export function isAverage(answer: string, { sum, count }: Fraction): boolean {
  const own = toDecimal(answer);
  const scale = Math.max(own.scale, sum.scale);
  const exact = scaled(sum, scale);
  const off = scaled(own, scale) * BigInt(count) - exact;
  const size = (value: bigint) => (value < 0n ? -value : value);
  return size(off) * 10n ** 15n <= size(exact);
}
