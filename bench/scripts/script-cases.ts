// What is asked with scripts and without, and the scripts.

export const SIDES = ['without', 'with'] as const;
export type Side = (typeof SIDES)[number];

const TABLE = '@table @permission(level: PUBLIC)';

export const TABLES = `
  type Shelf ${TABLE} { name: String! }
  type Plain ${TABLE} { text: String!, priority: Int!, shelf: Shelf! @belongsTo }
  type Quiet ${TABLE} { text: String!, priority: Int!, shelf: Shelf! @belongsTo }
  type Typical ${TABLE} { text: String!, priority: Int!, shelf: Shelf! @belongsTo }
  type Filtered ${TABLE} { text: String!, priority: Int! @index }
  type Told ${TABLE} { text: String!, priority: Int! @index }
`;

export const SCRIPTS: Readonly<Record<string, string>> = {
  'quiet.ts': 'export const insert = (ctx) => ctx.execute();\n',
  'typical.ts': `export const insert = async (ctx) => {
  ctx.item.text = ctx.item.text.trim();
  const shelf = await ctx.tables.Shelf.get(ctx.item.shelfId);
  if (!shelf) ctx.reject('NO_SHELF', 'There is no such shelf.');
  return ctx.execute();
};
`,
  'filtered.ts': 'export const filter = () => ({ priority: { eq: 3 } });\n',
  'told.ts': `export const read = async (ctx) => {
  const rows = await ctx.execute();
  for (const row of rows) row.text = row.text.toUpperCase();
  return rows;
};
export const settings = { safe: ['priority'] };
`,
};

export interface ScriptCase {
  readonly name: string;
  readonly title: string;
  /** The document; that of the side without scripts may have to say itself what a script says on the other. */
  readonly query: (side: Side) => string;
  readonly variables: (number: number) => Readonly<Record<string, unknown>>;
}

const inserting = (name: string, table: string, title: string): ScriptCase => ({
  name,
  title,
  query: () =>
    `mutation ($text: String!, $shelf: ID!) { insert${table}(data: { text: $text, priority: 3, shelfId: $shelf }) { id text priority } }`,
  variables: (number) => ({ text: `Thing ${number}`, shelf: `shelf-${number % 100}` }),
});

const reading = (name: string, field: string, title: string, where = ''): ScriptCase => ({
  name,
  title,
  query: (side) => `{ ${field}(first: 50${side === 'without' ? where : ''}) { id text priority } }`,
  variables: () => ({}),
});

export const SCRIPT_CASES: readonly ScriptCase[] = [
  inserting('plain-insert', 'Plain', 'A row inserted into a table without a script, in an app with scripts'),
  reading('plain-read', 'plains', '50 rows read of a table without a script, in an app with scripts'),
  inserting('quiet-insert', 'Quiet', 'A row inserted around which a script does nothing'),
  inserting('typical-insert', 'Typical', 'A row inserted, whose script looks another row up'),
  reading('filtered-read', 'filtereds', '50 rows read, as a script says which', ', where: { priority: { eq: 3 } }'),
  reading('told-read', 'tolds', '50 rows read, as a script tells them'),
];
