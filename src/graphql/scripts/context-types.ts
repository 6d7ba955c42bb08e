// The part of the declarations of scripts that is the same for every app: `ctx`, what it can do, and the functions of a script.

/** TypeScript, the inside of a namespace. */
export const CONTEXT_TYPES = `
type MaybePromise<Value> = Value | Promise<Value>;
/** What is told of a row instead of what is stored; nothing: what is stored; null: nothing. */
type Told<Row> = MaybePromise<Partial<Row> | null | void>;

interface User {
  readonly id: string;
  readonly roles: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What every function has. */
interface Request {
  readonly requestId: string;
  readonly user: User | null;
  readonly caller: "public" | "application" | "user" | "admin" | "service";
  /** What the client sent as \`extensions.params\`. */
  readonly params: Readonly<Record<string, any>>;
  /** The headers that TABLECAST_SCRIPT_HEADERS names, in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** \`APP_LIST_SIZE\` is \`settings.LIST_SIZE\`. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** Tables as the service, and as the caller: in the transaction of the operation. */
  readonly tables: Tables & { readonly asUser: Tables };
  /** One statement of SQL, with bound values: as a template, or with a list of them. */
  sql<Row = Record<string, any>>(text: TemplateStringsArray, ...values: readonly unknown[]): Promise<Row[]>;
  sql<Row = Record<string, any>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  readonly log: {
    debug(...values: unknown[]): void;
    info(...values: unknown[]): void;
    warn(...values: unknown[]): void;
    error(...values: unknown[]): void;
  };
  readonly secrets: {
    /** \`SECRET_TOKEN\` is \`get("TOKEN")\`; throws when there is none. */
    get(name: string): Promise<string>;
  };
  /** From hosts that TABLECAST_FETCH_HOSTS names. Errors have a code: FETCH_REFUSED, FETCH_FAILED, FETCH_TIMEOUT, FETCH_TOO_LARGE. */
  fetch(
    url: string | URL,
    options?: { method?: string; headers?: HeadersInit; body?: BodyInit | null; redirect?: "follow" | "manual" | "error" },
  ): Promise<Response>;
  /** Runs it once everything is committed; never, when it is not. */
  afterCommit(effect: () => unknown): void;
  /** Refuses, in the script's own words: nothing of the operation is done. */
  reject(code: string, message: string, fields?: readonly Problem[]): never;
}

/** What ctx.execute throws, and calls of ctx.tables. */
interface ServiceError extends Error {
  readonly code: string;
  readonly fields?: readonly Problem[];
  /** With CONFLICT: the row as it is. */
  readonly current?: any;
}

interface ExecuteOptions {
  /** The version that the row must have; null: any. */
  readonly ifVersion?: string | null;
}

interface Write<Operation extends string> extends Request {
  readonly table: string;
  readonly operation: Operation;
  /** Whether the client asked for many rows at once. */
  readonly batch: boolean;
}

interface OfOne<Row, Item, Previous> {
  readonly id: string;
  /** What is to be written: change it freely. */
  readonly item: Item;
  /** The row as it was, locked until the operation ends. */
  readonly previous: Previous;
  /** Writes it, and answers the row as it is stored. Once; and again after a CONFLICT. */
  execute(options?: ExecuteOptions): Promise<Row>;
}

interface OfMany<Row, Item, Previous> {
  readonly ids: readonly string[];
  readonly items: Item[];
  readonly previous: readonly Previous[];
  execute(options?: ExecuteOptions): Promise<Row[]>;
}

type Insert<Row, Item> = (ctx: Write<"INSERT"> & OfOne<Row, Item, null>) => Told<Row>;
type InsertMany<Row, Item> = (ctx: Write<"INSERT"> & OfMany<Row, Item, null>) => MaybePromise<readonly (Partial<Row> | null)[] | void>;
type Update<Row, Changes> = (ctx: Write<"UPDATE"> & OfOne<Row, Changes, Row>) => Told<Row>;
type UpdateMany<Row, Changes> = (ctx: Write<"UPDATE"> & OfMany<Row, Changes, Row>) => MaybePromise<readonly (Partial<Row> | null)[] | void>;
type Delete<Row> = (ctx: Write<"DELETE"> & OfOne<Row, {}, Row>) => Told<Row>;
type DeleteMany<Row> = (ctx: Write<"DELETE"> & OfMany<Row, {}, Row>) => MaybePromise<readonly (Partial<Row> | null)[] | void>;
type Undelete<Row> = (ctx: Write<"UNDELETE"> & OfOne<Row, {}, Row>) => Told<Row>;
type UndeleteMany<Row> = (ctx: Write<"UNDELETE"> & OfMany<Row, {}, Row>) => MaybePromise<readonly (Partial<Row> | null)[] | void>;
/** Which rows there are for a request: true is all, false is none. */
type Filter<Where> = (ctx: Request) => MaybePromise<Where | boolean | null>;
/** How rows are told: changed, or without some of them. */
type Read<Row> = (
  ctx: Request & { execute(): Promise<{ -readonly [Name in keyof Row]: Row[Name] }[]> },
) => MaybePromise<readonly Row[] | void>;
/** \`export default\` of scripts/startup.ts: runs once for each start. */
type Startup = (ctx: Request) => unknown;

interface Settings<Row> {
  /** Milliseconds that one run may take; at most 10,000. */
  readonly timeout?: number;
  /** Whether ctx.fetch may keep a transaction waiting. */
  readonly fetchInTransaction?: boolean;
  /** The columns that \`read\` leaves as they are, so that clients may filter and order by them; true: all. */
  readonly safe?: true | readonly (keyof Row)[];
}

/** \`ctx.tables.<Table>\`: operations of the API. */
interface TableCalls<Row, Key, Where, Order, NewRow, Set, Increment, Append> {
  read(options?: {
    readonly where?: Where | null;
    readonly orderBy?: readonly Order[] | null;
    readonly first?: number;
    readonly skip?: number;
    readonly includeDeleted?: boolean;
  }): Promise<Row[]>;
  get(key: string | Key): Promise<Row | null>;
  insert(row: NewRow): Promise<Row>;
  insert(rows: readonly NewRow[]): Promise<Row[]>;
  update(
    key: string | Key,
    set: Set | null,
    options?: { readonly increment?: Increment; readonly append?: Append; readonly ifVersion?: string },
  ): Promise<Row>;
  delete(key: string | Key, options?: { readonly ifVersion?: string }): Promise<Row>;
  undelete(key: string | Key): Promise<Row>;
  count(options?: { readonly where?: Where | null }): Promise<number>;
}
`;
