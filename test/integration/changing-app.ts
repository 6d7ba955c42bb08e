// An app whose tables change at random: the tables as SDL, what was done to them, and rows to put into them. Written for
// `apply-chains.test.ts`; it knows nothing of how changes are carried out.

/** A value's SQL literal for a type, from any whole number. Several numbers give the same value: duplicates are wanted. */
const LITERALS: Record<string, (seed: number) => string> = {
  Int: (seed) => String((seed % 7) - 3),
  BigInt: (seed) => String(BigInt(seed % 5) * 1_000_000_000_000n),
  Decimal: (seed) => `${seed % 9}.${seed % 4}`,
  String: (seed) => `'${['a', '12', 'true', 'ä𝒳', ''][seed % 5]}'`,
  Boolean: (seed) => String(seed % 2 === 0),
  DateTime: (seed) => `'2024-02-2${seed % 9}T00:0${seed % 3}:00Z'`,
  Mood: (seed) => `'${['SAD', 'HAPPY', 'CALM'][seed % 3]}'`,
};
export const TYPES = Object.keys(LITERALS);

export interface AppColumn {
  /** What it is, whatever it is called. */
  readonly identity: number;
  name: string;
  was: string | null;
  type: string;
  required: boolean;
  unique: boolean;
  indexed: boolean;
  default: boolean;
}

export interface AppTable {
  readonly identity: number;
  name: string;
  was: string | null;
  softDelete: boolean;
  columns: AppColumn[];
  /** The identity of the table that it belongs to. */
  parent: number | null;
  cascade: boolean;
}

/** A step: any whole numbers. */
export interface Choice {
  readonly what: number;
  readonly table: number;
  readonly column: number;
  readonly value: number;
}

const DEFAULTS: Record<string, string> = {
  Int: '1',
  BigInt: '5',
  Decimal: '1.5',
  String: 'x',
  Boolean: 'true',
  DateTime: '2024-01-01T00:00Z',
  Mood: 'SAD',
};

export class ChangingApp {
  tables: AppTable[] = [];
  moods = 3;
  #made = 0;

  copy(): ChangingApp {
    const copy = new ChangingApp();
    copy.tables = structuredClone(this.tables);
    copy.moods = this.moods;
    copy.#made = this.#made;
    return copy;
  }

  /** Changes one thing. */
  change({ what, table: at, column: columnAt, value }: Choice): void {
    const table = this.tables[at % Math.max(1, this.tables.length)];
    const column = table?.columns[columnAt % Math.max(1, table.columns.length)];
    if (!table || !column || what % 14 === 0) {
      this.#addTable(value);
      return;
    }
    const actions: readonly (() => void)[] = [
      () => this.#addColumn(table, value),
      () => this.#addColumn(table, value),
      () => {
        if (table.columns.length > 1) table.columns = table.columns.filter((other) => other !== column);
      },
      () => this.#rename(column, 'c'),
      () => this.#rename(table, 'T'),
      () => {
        column.type = TYPES[value % TYPES.length] ?? 'Int';
      },
      () => {
        column.required = !column.required;
      },
      () => {
        column.unique = !column.unique;
      },
      () => {
        column.indexed = !column.indexed;
      },
      () => {
        column.default = !column.default;
      },
      () => {
        table.softDelete = !table.softDelete;
      },
      () => {
        const others = this.tables.filter((other) => other.identity < table.identity);
        table.parent = table.parent === null ? (others[value % Math.max(1, others.length)]?.identity ?? null) : null;
      },
      () => {
        table.cascade = !table.cascade;
      },
      () => {
        this.moods = 2 + (value % 2);
      },
    ];
    actions[value % actions.length]?.();
  }

  #addTable(value: number): void {
    const identity = ++this.#made;
    const table: AppTable = {
      ...{ identity, name: `T${identity}`, was: null, softDelete: value % 3 === 0, columns: [] },
      ...{ parent: null, cascade: false },
    };
    this.tables.push(table);
    this.#addColumn(table, value);
  }

  #addColumn(table: AppTable, value: number): void {
    const identity = ++this.#made;
    table.columns.push({
      ...{ identity, name: `c${identity}`, was: null, type: TYPES[value % TYPES.length] ?? 'Int' },
      ...{ required: value % 4 === 0, unique: value % 5 === 0, indexed: value % 3 === 0, default: value % 2 === 0 },
    });
  }

  #rename(named: AppColumn | AppTable, letter: string): void {
    named.was = named.name;
    named.name = `${letter}${++this.#made}`;
  }

  sdl(): string {
    const moods = ['SAD', 'HAPPY', 'CALM'].slice(0, this.moods).join(' ');
    const column = (own: AppColumn) =>
      [
        `${own.name}: ${own.type}${own.required ? '!' : ''}`,
        own.default ? `@default(value: "${DEFAULTS[own.type]}")` : '',
        own.unique ? '@unique' : '',
        own.indexed ? '@index' : '',
        own.was ? `@renamedFrom(name: "${own.was}")` : '',
      ].join(' ');
    const table = (own: AppTable) => {
      const parent = this.tables.find(({ identity }) => identity === own.parent);
      return [
        `type ${own.name} @table(softDelete: ${own.softDelete}) ${own.was ? `@renamedFrom(name: "${own.was}")` : ''} {`,
        ...own.columns.map(column),
        parent ? `parent: ${parent.name} @belongsTo(onDelete: ${own.cascade ? 'CASCADE' : 'SET_NULL'})` : '',
        '}',
      ].join('\n');
    };
    return `enum Mood { ${moods} }\n${this.tables.map(table).join('\n')}`;
  }

  /** Statements that put rows into every table; some of them may be refused by what is unique. */
  inserts(seed: number): string[] {
    return this.tables.flatMap((table, at) =>
      [0, 1, 2].map((n) => {
        const values = table.columns.map((column) =>
          !column.required && (seed + n) % 4 === 0
            ? 'NULL'
            : (LITERALS[column.type]?.((seed + n * 3 + at) % (column.type === 'Mood' ? this.moods : 1_000)) ?? 'NULL'),
        );
        const names = table.columns.map(({ name }) => `"${name.toLowerCase()}"`);
        return `INSERT INTO "${table.name.toLowerCase()}" (${names.join(', ')}) VALUES (${values.join(', ')}) ON CONFLICT DO NOTHING`;
      }),
    );
  }
}
