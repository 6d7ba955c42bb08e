// Filter trees for property tests: every operator of every column, operands from everywhere a value may come from, and
// any rows that a relation may be told to count.

import fc from 'fast-check';
import { type Filter, livingRows, NO_ROW, type RelatedRows } from '../../src/tables/filter.ts';
import {
  COUNT_OPERATORS,
  columnFilter,
  countFilter,
  type OperandKind,
  operatorsOf,
} from '../../src/tables/filter-operators.ts';
import {
  type Column,
  type ColumnType,
  leadsToMany,
  type Model,
  type Relation,
  type TableModel,
  tableOf,
} from '../../src/tables/model.ts';
import { modelValue, type ValueSource } from '../../src/tables/value-source.ts';
import { anyInnerValueOf, anyValueOf } from './filter-tables.ts';

const TEXT: ColumnType = { kind: 'scalar', name: 'String' };
const INT: ColumnType = { kind: 'scalar', name: 'Int' };
const BOOLEAN: ColumnType = { kind: 'scalar', name: 'Boolean' };

type Pool = Readonly<Record<string, unknown>>;

/** How many values of each type a pool has, and how many lists. */
const POOL = 3;
const nameIn = (type: ColumnType, list: boolean, at: number) => `${type.name}${list ? 's' : ''}${at}`;

/** Values of every type under the names by which filters ask for them: for variables and claims. */
export function anyPool(types: readonly ColumnType[]): fc.Arbitrary<Pool> {
  const entries = types.flatMap((type) =>
    Array.from({ length: POOL }, (_, at): [string, fc.Arbitrary<unknown>][] => [
      [nameIn(type, false, at), anyValueOf(type)],
      [nameIn(type, true, at), fc.array(anyValueOf(type), { maxLength: 3 })],
    ]).flat(),
  );
  return fc.record(Object.fromEntries(entries)).map((pool) => ({ ...pool }));
}

/** Claims that are of no type, or not there. */
export const WRONG_CLAIMS = {
  none: null,
  empty: '',
  nothing: [],
  object: { a: 'a' },
  nested: [['a']],
  holed: ['a', null],
};

function anySource(type: ColumnType, list: boolean): fc.Arbitrary<ValueSource> {
  const inner = anyInnerValueOf(type);
  const value: fc.Arbitrary<unknown> = list ? fc.array(inner, { maxLength: 3 }) : inner;
  const pooled = fc.nat(POOL - 1).map((at) => nameIn(type, list, at));
  const claim = fc.oneof(
    { weight: 2, arbitrary: pooled },
    { weight: 1, arbitrary: fc.constantFrom(...Object.keys(WRONG_CLAIMS), 'absent', 'String0', 'Ints0', 'JSON1') },
  );
  const source = fc.oneof(
    { weight: 4, arbitrary: value.map((constant): ValueSource => ({ from: 'constant', value: constant })) },
    { weight: 2, arbitrary: value.map(modelValue) },
    { weight: 2, arbitrary: pooled.map((name): ValueSource => ({ from: 'variable', path: [name] })) },
    { weight: 2, arbitrary: claim.map((name): ValueSource => ({ from: 'caller', path: ['claims', name] })) },
  );
  if (!list) return source;
  const items = fc.array(anySource(type, false), { minLength: 1, maxLength: 3 });
  return fc.oneof(
    { weight: 5, arbitrary: source },
    { weight: 1, arbitrary: items.map((parts): ValueSource => ({ from: 'list', items: parts })) },
  );
}

function anyOperand(type: ColumnType, kind: OperandKind): fc.Arbitrary<ValueSource> {
  if (kind === 'flag') {
    const flag = fc.boolean().map((value): ValueSource => ({ from: 'constant', value }));
    return fc.oneof({ weight: 3, arbitrary: flag }, { weight: 1, arbitrary: anySource(BOOLEAN, false) });
  }
  return anySource(kind === 'text' ? TEXT : type, kind === 'many');
}

const anyPath = fc
  .array(fc.constantFrom('a', 'b', '0', '1', '-1', '-2', '01', ' 1', '9999999999', '__proto__', 'x'), { maxLength: 2 })
  .map((steps): ValueSource => ({ from: 'constant', value: steps }));

function anyCondition(column: Column): fc.Arbitrary<Filter> {
  const operators = Object.entries(operatorsOf(column)).filter(([name]) => name !== 'ignoreCase');
  const ignoreCase = fc.oneof({ weight: 2, arbitrary: fc.constant(modelValue(false)) }, anyOperand(BOOLEAN, 'flag'));
  const path = fc.oneof({ weight: 1, arbitrary: fc.constant(modelValue([])) }, { weight: 2, arbitrary: anyPath });
  return fc
    .constantFrom(...operators)
    .chain(([name, kind]) =>
      fc
        .tuple(anyOperand(column.type, kind), isText(column) ? ignoreCase : fc.constant(modelValue(false)), path)
        .map(([operand, ignoring, at]) => columnFilter(column, name, operand, { ignoreCase: ignoring, path: at })),
    );
}

const isText = ({ type, list }: Column) => !list && (type.name === 'String' || type.name === 'ID');

/** Any filter over a table of the model. */
export function anyFilter(model: Model, table: TableModel, depth: number): fc.Arbitrary<Filter> {
  const columns = [...table.columns.values()].filter(({ name }) => name !== 'version');
  const condition = fc.constantFrom(...columns).chain(anyCondition);
  if (depth === 0) return fc.oneof({ weight: 9, arbitrary: condition }, fc.boolean().map(constant));
  const part = anyFilter(model, table, depth - 1);
  const parts = fc.array(part, { maxLength: 3 });
  const relations = [...table.relations.values()].map((relation) => anyRelation(model, relation, depth));
  return fc.oneof(
    { weight: 3, arbitrary: condition },
    parts.map((all): Filter => ({ kind: 'and', parts: all.length > 0 ? all : [constant(true)] })),
    parts.map((some): Filter => ({ kind: 'or', parts: some.length > 0 ? some : [constant(false)] })),
    part.map((inner): Filter => ({ kind: 'not', part: inner })),
    ...(relations.length > 0 ? [{ weight: 3, arbitrary: fc.oneof(...relations) }] : []),
  );
}

const constant = (value: boolean): Filter => ({ kind: 'constant', value });

function anyRelation(model: Model, relation: Relation, depth: number): fc.Arbitrary<Filter> {
  const target = tableOf(model, relation.target);
  const related = anyRelatedRows(model, target, relation, depth);
  const filter = anyFilter(model, target, depth - 1);
  const quantifier = leadsToMany(relation)
    ? fc.constantFrom('some' as const, 'every' as const, 'none' as const)
    : fc.constant('one' as const);
  const quantified = fc
    .record({ quantifier, filter, related })
    .map(({ related: rows, ...rest }): Filter => ({ kind: 'relation', relation: relation.name, ...rest, ...rows }));
  if (!leadsToMany(relation)) return quantified;
  const counted = fc.constantFrom(...Object.entries(COUNT_OPERATORS)).chain(([name, kind]) =>
    fc.tuple(anyOperand(INT, kind), related).map(([operand, rows]) => {
      const count = countFilter({ relation: relation.name, ...rows }, name, operand);
      if (!count) throw new Error(`a count has no ${name}`);
      return count;
    }),
  );
  return fc.oneof({ weight: 3, arbitrary: quantified }, { weight: 2, arbitrary: counted });
}

/** Mostly the living, as everywhere; now and then any rule. */
function anyRelatedRows(
  model: Model,
  target: TableModel,
  { link }: Relation,
  depth: number,
): fc.Arbitrary<RelatedRows> {
  const through = link?.table ? tableOf(model, link.table) : null;
  const rowsOf = (table: TableModel) =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(livingRows(table)) },
      { weight: 1, arbitrary: fc.constant(NO_ROW) },
      { weight: 2, arbitrary: anyFilter(model, table, Math.max(0, depth - 2)) },
    );
  const linkRows = through ? rowsOf(through) : fc.constant(constant(true));
  return fc.record({ rows: rowsOf(target), linkRows });
}
