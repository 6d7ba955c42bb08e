// What becomes of a value when its column's type changes, and which values keep their meaning. Where all of them do, a change
// of type is like any other; where some do not, those rows are counted, and lost only when that is allowed by name.

/** How values go from one SQL type to another. */
export interface Conversion {
  /** The value in the new type, of one that is kept. */
  readonly convert: (value: string) => string;
  /** Whether a value that is not null is kept, as an SQL condition; null: every one is. */
  readonly keeps: ((value: string) => string) | null;
}

type Conversions = Readonly<Record<string, Readonly<Record<string, Conversion>>>>;

const TIMESTAMP = 'timestamp with time zone';
const TIME = 'time without time zone';

const cast = (type: string) => (value: string) => `${value}::${type}`;
const always = (convert: Conversion['convert']): Conversion => ({ convert, keeps: null });
const when = (convert: Conversion['convert'], keeps: (value: string) => string): Conversion => ({ convert, keeps });
const matching = (regex: string) => (value: string) => `${value} ~ '${regex}'`;
const jsonOf = always((value) => `to_jsonb(${value})`);

const whole = (type: string, from: string, to: string) =>
  when(cast(type), (value) => `${value} BETWEEN ${from} AND ${to} AND ${value} = trunc(${value})`);
const INTEGER = ['integer', '-2147483648', '2147483647'] as const;
/** The largest double below 2^63, beyond which a double has no neighbour that fits. */
const BIGINT_OF_DOUBLE = ['bigint', '-9223372036854775808', '9223372036854774784'] as const;
const BIGINT = ['bigint', '-9223372036854775808', '9223372036854775807'] as const;
/** Every whole number up to here is a double of its own. */
const DOUBLE_EXACT = '9007199254740992';

const DAY = String.raw`(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`;
const CLOCK = String.raw`([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?`;
const OFFSET = String.raw`(Z|[+-](0\d|1[0-4]):?[0-5]\d)`;
/** A day that its month has. Nested, because a condition beside the pattern could be tried first. */
const existingDay = (pattern: string) => (value: string) =>
  `CASE WHEN ${value} ~ '^${pattern}$' THEN substr(${value}, 9, 2)::int <= extract(day FROM (substr(${value}, 1, 7) || '-01')::date + interval '1 month - 1 day') ELSE FALSE END`;

const TO_TEXT: Readonly<Record<string, (value: string) => string>> = {
  date: (value) => `to_char(${value}, 'YYYY-MM-DD')`,
  [TIMESTAMP]: (value) => `to_char(${value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  [TIME]: (value) => `to_char(${value}, 'HH24:MI:SS.US')`,
  bytea: (value) => `translate(encode(${value}, 'base64'), E'\\n', '')`,
};
const asText = (type: string) => always(TO_TEXT[type] ?? cast('text'));

/** By old and new type. Text becomes something else where it is written as that is. */
const CONVERSIONS: Conversions = {
  integer: {
    bigint: always(cast('bigint')),
    'double precision': always(cast('double precision')),
    numeric: always(cast('numeric')),
    boolean: when(cast('boolean'), (value) => `${value} IN (0, 1)`),
    text: asText('integer'),
    jsonb: jsonOf,
  },
  bigint: {
    integer: whole(...INTEGER),
    'double precision': when(cast('double precision'), (value) => `abs(${value}::numeric) <= ${DOUBLE_EXACT}`),
    numeric: always(cast('numeric')),
    text: asText('bigint'),
  },
  'double precision': {
    integer: whole(...INTEGER),
    bigint: whole(...BIGINT_OF_DOUBLE),
    // The shortest text that reads back as the same double.
    numeric: always((value) => `${value}::text::numeric`),
    text: asText('double precision'),
    jsonb: jsonOf,
  },
  numeric: {
    integer: whole(...INTEGER),
    bigint: whole(...BIGINT),
    'double precision': when(
      cast('double precision'),
      (value) =>
        `CASE WHEN abs(${value}) < 1e300 AND (${value} = 0 OR abs(${value}) > 1e-300) THEN ${value}::double precision::text::numeric = ${value} ELSE FALSE END`,
    ),
    text: asText('numeric'),
  },
  boolean: { integer: always(cast('integer')), text: asText('boolean'), jsonb: jsonOf },
  uuid: { text: asText('uuid') },
  date: {
    [TIMESTAMP]: always((value) => `${value}::timestamp AT TIME ZONE 'UTC'`),
    text: asText('date'),
  },
  [TIMESTAMP]: {
    date: when(
      (value) => `(${value} AT TIME ZONE 'UTC')::date`,
      (value) => `(${value} AT TIME ZONE 'UTC')::time = '00:00'`,
    ),
    text: asText(TIMESTAMP),
  },
  [TIME]: { text: asText(TIME) },
  bytea: { text: asText('bytea') },
  jsonb: { text: asText('jsonb') },
  text: {
    integer: when(
      cast('integer'),
      (value) =>
        `CASE WHEN ${value} ~ '^(0|-?[1-9]\\d{0,9})$' THEN ${value}::bigint BETWEEN -2147483648 AND 2147483647 ELSE FALSE END`,
    ),
    bigint: when(
      cast('bigint'),
      (value) =>
        `CASE WHEN ${value} ~ '^(0|-?[1-9]\\d{0,18})$' THEN ${value}::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 ELSE FALSE END`,
    ),
    numeric: when(cast('numeric'), matching(String.raw`^-?\d{1,255}(\.\d{1,255})?$`)),
    'double precision': when(cast('double precision'), matching(String.raw`^-?\d{1,15}(\.\d{1,15})?$`)),
    boolean: when(cast('boolean'), matching('^(true|false)$')),
    uuid: when(cast('uuid'), matching('^[\\da-f]{8}(-[\\da-f]{4}){3}-[\\da-f]{12}$')),
    date: when(cast('date'), existingDay(DAY)),
    [TIMESTAMP]: when(cast(TIMESTAMP), existingDay(`${DAY}[T ]${CLOCK}${OFFSET}`)),
    [TIME]: when(cast(TIME), matching(`^${CLOCK}$`)),
    jsonb: jsonOf,
  },
};

/** How values of a column go from `from` to `to`, as `format_type` spells them. What has no way of its own is kept nowhere. */
export function conversionOf(from: string, to: string): Conversion {
  if (to === `${from}[]`) return always((value) => `ARRAY[${value}]`);
  if (from === `${to}[]`)
    return when(
      (value) => `${value}[1]`,
      (value) => `cardinality(${value}) = 1`,
    );
  const lists = from.endsWith('[]') && to.endsWith('[]');
  const found = lists ? itemwise(from.slice(0, -2), to.slice(0, -2)) : CONVERSIONS[from]?.[to];
  return (
    found ??
    when(
      () => `NULL::${to}`,
      () => 'FALSE',
    )
  );
}

/** A list whose items are all cast, where a plain cast loses nothing. */
function itemwise(from: string, to: string): Conversion | undefined {
  const item = CONVERSIONS[from]?.[to];
  return item && item.keeps === null && item.convert('x') === `x::${to}` ? always(cast(`${to}[]`)) : undefined;
}
