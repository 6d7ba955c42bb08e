// What ctx is in the scripts of this app. Written by `tablecast types`, and in development whenever a table changes: what is
// changed here is lost.

declare namespace Tablecast {
  /** A list that a user owns. */
  namespace TodoList {
    /** A row, whole. */
    interface Row {
      /** The row's own key. */
      readonly id: string;
      readonly name: string;
      readonly ownerId: string;
      /** When the row was inserted. */
      readonly createdAt: string;
      /** When the row was last written. */
      readonly updatedAt: string;
      /** Changes with every write; opaque. */
      readonly version: string;
    }
    /** A new row, as it is to be written. */
    interface Item {
      id: string;
      name: string;
      ownerId: string;
    }
    /** The values that an update sets. */
    type Changes = Partial<Omit<Item, "id">>;
    type Where = Input.TodoListWhere;
    type Calls = TablecastScript.TableCalls<Row, Input.TodoListKey, Input.TodoListWhere, Input.TodoListOrderBy, Input.TodoListInsert, Input.TodoListSet, never, never>;
    type Insert = TablecastScript.Insert<Row, Item>;
    type InsertMany = TablecastScript.InsertMany<Row, Item>;
    type Update = TablecastScript.Update<Row, Changes>;
    type UpdateMany = TablecastScript.UpdateMany<Row, Changes>;
    type Delete = TablecastScript.Delete<Row>;
    type DeleteMany = TablecastScript.DeleteMany<Row>;
    type Undelete = TablecastScript.Undelete<Row>;
    type UndeleteMany = TablecastScript.UndeleteMany<Row>;
    type Filter = TablecastScript.Filter<Where>;
    type Read = TablecastScript.Read<Row>;
    type Settings = TablecastScript.Settings<Row>;
  }

  /** The table TodoItem. */
  namespace TodoItem {
    /** A row, whole. */
    interface Row {
      /** The row's own key. */
      readonly id: string;
      readonly text: string;
      readonly complete: boolean;
      readonly priority: "LOW" | "NORMAL" | "HIGH";
      readonly position: number;
      readonly dueAt: string | null;
      readonly cost: string | null;
      readonly tags: readonly string[];
      /** The id of `list`. */
      readonly listId: string;
      readonly ownerId: string;
      readonly moderationNote: string | null;
      /** When the row was inserted. */
      readonly createdAt: string;
      /** When the row was last written. */
      readonly updatedAt: string;
      /** Changes with every write; opaque. */
      readonly version: string;
      /** The row was deleted, and can be undeleted. */
      readonly deleted: boolean;
    }
    /** A new row, as it is to be written. */
    interface Item {
      id: string;
      text: string;
      complete: boolean;
      priority: "LOW" | "NORMAL" | "HIGH";
      position: number;
      dueAt?: string | null;
      cost?: string | null;
      tags: readonly string[];
      listId: string;
      ownerId: string;
      moderationNote?: string | null;
    }
    /** The values that an update sets. */
    type Changes = Partial<Omit<Item, "id">>;
    type Where = Input.TodoItemWhere;
    type Calls = TablecastScript.TableCalls<Row, Input.TodoItemKey, Input.TodoItemWhere, Input.TodoItemOrderBy, Input.TodoItemInsert, Input.TodoItemSet, Input.TodoItemIncrement, Input.TodoItemAppend>;
    type Insert = TablecastScript.Insert<Row, Item>;
    type InsertMany = TablecastScript.InsertMany<Row, Item>;
    type Update = TablecastScript.Update<Row, Changes>;
    type UpdateMany = TablecastScript.UpdateMany<Row, Changes>;
    type Delete = TablecastScript.Delete<Row>;
    type DeleteMany = TablecastScript.DeleteMany<Row>;
    type Undelete = TablecastScript.Undelete<Row>;
    type UndeleteMany = TablecastScript.UndeleteMany<Row>;
    type Filter = TablecastScript.Filter<Where>;
    type Read = TablecastScript.Read<Row>;
    type Settings = TablecastScript.Settings<Row>;
  }

  /** Input of the API, as GraphQL has it. */
  namespace Input {
    /** Which TodoItems. All that is said must hold. */
    interface TodoItemWhere {
      /** All of these; an empty list is every row. */
      readonly AND?: readonly TodoItemWhere[] | null;
      /** At least one of these; an empty list is no row. */
      readonly OR?: readonly TodoItemWhere[] | null;
      /** Not this. What is unknown, for a value is missing, stays unknown. */
      readonly NOT?: TodoItemWhere | null;
      /** The row's own key. */
      readonly id?: IDFilter | null;
      readonly text?: StringFilter | null;
      readonly complete?: BooleanFilter | null;
      readonly priority?: PriorityFilter | null;
      readonly position?: IntFilter | null;
      readonly dueAt?: DateTimeFilter | null;
      readonly cost?: DecimalFilter | null;
      readonly tags?: StringListFilter | null;
      /** The id of `list`. */
      readonly listId?: IDFilter | null;
      readonly ownerId?: IDFilter | null;
      readonly moderationNote?: StringFilter | null;
      /** When the row was inserted. */
      readonly createdAt?: DateTimeFilter | null;
      /** When the row was last written. */
      readonly updatedAt?: DateTimeFilter | null;
      readonly list?: TodoListWhere | null;
    }
    /** A value of type ID. */
    interface IDFilter {
      /** Equal. */
      readonly eq?: string | null;
      /** Not equal. A missing value is neither equal nor not: ask for isNull as well. */
      readonly ne?: string | null;
      /** One of these; an empty list is no row. */
      readonly in?: readonly string[] | null;
      /** None of these; an empty list is every row. */
      readonly notIn?: readonly string[] | null;
      /** Less. Texts are compared by code point. */
      readonly lt?: string | null;
      /** Less or equal. */
      readonly lte?: string | null;
      /** Greater. */
      readonly gt?: string | null;
      /** Greater or equal. */
      readonly gte?: string | null;
      /** Has this text somewhere; nothing in it is a wildcard. */
      readonly contains?: string | null;
      /** Begins with this text. */
      readonly startsWith?: string | null;
      /** Ends with this text. */
      readonly endsWith?: string | null;
      /** Compare upper and lower case as the same, in every operator beside this one. */
      readonly ignoreCase?: boolean | null;
      /** Whether there is no value. */
      readonly isNull?: boolean | null;
    }
    /** A value of type String. */
    interface StringFilter {
      /** Equal. */
      readonly eq?: string | null;
      /** Not equal. A missing value is neither equal nor not: ask for isNull as well. */
      readonly ne?: string | null;
      /** One of these; an empty list is no row. */
      readonly in?: readonly string[] | null;
      /** None of these; an empty list is every row. */
      readonly notIn?: readonly string[] | null;
      /** Less. Texts are compared by code point. */
      readonly lt?: string | null;
      /** Less or equal. */
      readonly lte?: string | null;
      /** Greater. */
      readonly gt?: string | null;
      /** Greater or equal. */
      readonly gte?: string | null;
      /** Has this text somewhere; nothing in it is a wildcard. */
      readonly contains?: string | null;
      /** Begins with this text. */
      readonly startsWith?: string | null;
      /** Ends with this text. */
      readonly endsWith?: string | null;
      /** Compare upper and lower case as the same, in every operator beside this one. */
      readonly ignoreCase?: boolean | null;
      /** Whether there is no value. */
      readonly isNull?: boolean | null;
    }
    /** A value of type Boolean. */
    interface BooleanFilter {
      /** Equal. */
      readonly eq?: boolean | null;
      /** Not equal. A missing value is neither equal nor not: ask for isNull as well. */
      readonly ne?: boolean | null;
      /** One of these; an empty list is no row. */
      readonly in?: readonly boolean[] | null;
      /** None of these; an empty list is every row. */
      readonly notIn?: readonly boolean[] | null;
      /** Whether there is no value. */
      readonly isNull?: boolean | null;
    }
    /** A value of type Priority. */
    interface PriorityFilter {
      /** Equal. */
      readonly eq?: "LOW" | "NORMAL" | "HIGH" | null;
      /** Not equal. A missing value is neither equal nor not: ask for isNull as well. */
      readonly ne?: "LOW" | "NORMAL" | "HIGH" | null;
      /** One of these; an empty list is no row. */
      readonly in?: readonly ("LOW" | "NORMAL" | "HIGH")[] | null;
      /** None of these; an empty list is every row. */
      readonly notIn?: readonly ("LOW" | "NORMAL" | "HIGH")[] | null;
      /** Whether there is no value. */
      readonly isNull?: boolean | null;
    }
    /** A value of type Int. */
    interface IntFilter {
      /** Equal. */
      readonly eq?: number | null;
      /** Not equal. A missing value is neither equal nor not: ask for isNull as well. */
      readonly ne?: number | null;
      /** One of these; an empty list is no row. */
      readonly in?: readonly number[] | null;
      /** None of these; an empty list is every row. */
      readonly notIn?: readonly number[] | null;
      /** Less. Texts are compared by code point. */
      readonly lt?: number | null;
      /** Less or equal. */
      readonly lte?: number | null;
      /** Greater. */
      readonly gt?: number | null;
      /** Greater or equal. */
      readonly gte?: number | null;
      /** Whether there is no value. */
      readonly isNull?: boolean | null;
    }
    /** A value of type DateTime. */
    interface DateTimeFilter {
      /** Equal. */
      readonly eq?: string | null;
      /** Not equal. A missing value is neither equal nor not: ask for isNull as well. */
      readonly ne?: string | null;
      /** One of these; an empty list is no row. */
      readonly in?: readonly string[] | null;
      /** None of these; an empty list is every row. */
      readonly notIn?: readonly string[] | null;
      /** Less. Texts are compared by code point. */
      readonly lt?: string | null;
      /** Less or equal. */
      readonly lte?: string | null;
      /** Greater. */
      readonly gt?: string | null;
      /** Greater or equal. */
      readonly gte?: string | null;
      /** Whether there is no value. */
      readonly isNull?: boolean | null;
    }
    /** A value of type Decimal. */
    interface DecimalFilter {
      /** Equal. */
      readonly eq?: string | null;
      /** Not equal. A missing value is neither equal nor not: ask for isNull as well. */
      readonly ne?: string | null;
      /** One of these; an empty list is no row. */
      readonly in?: readonly string[] | null;
      /** None of these; an empty list is every row. */
      readonly notIn?: readonly string[] | null;
      /** Less. Texts are compared by code point. */
      readonly lt?: string | null;
      /** Less or equal. */
      readonly lte?: string | null;
      /** Greater. */
      readonly gt?: string | null;
      /** Greater or equal. */
      readonly gte?: string | null;
      /** Whether there is no value. */
      readonly isNull?: boolean | null;
    }
    /** A list of String values. */
    interface StringListFilter {
      /** Has this item. */
      readonly has?: string | null;
      /** Has all of these items; an empty list is every list. */
      readonly hasEvery?: readonly string[] | null;
      /** Has at least one of these items; an empty list is none. */
      readonly hasSome?: readonly string[] | null;
      /** Whether the list has no items. */
      readonly isEmpty?: boolean | null;
      /** Whether there is no value. */
      readonly isNull?: boolean | null;
    }
    /** Which TodoLists. All that is said must hold. */
    interface TodoListWhere {
      /** All of these; an empty list is every row. */
      readonly AND?: readonly TodoListWhere[] | null;
      /** At least one of these; an empty list is no row. */
      readonly OR?: readonly TodoListWhere[] | null;
      /** Not this. What is unknown, for a value is missing, stays unknown. */
      readonly NOT?: TodoListWhere | null;
      /** The row's own key. */
      readonly id?: IDFilter | null;
      readonly name?: StringFilter | null;
      readonly ownerId?: IDFilter | null;
      /** When the row was inserted. */
      readonly createdAt?: DateTimeFilter | null;
      /** When the row was last written. */
      readonly updatedAt?: DateTimeFilter | null;
      readonly items?: TodoItemListFilter | null;
    }
    /** Which TodoItems belong to a row. */
    interface TodoItemListFilter {
      /** At least one of them is such. */
      readonly some?: TodoItemWhere | null;
      /** All of them are such; where there are none, they are. */
      readonly every?: TodoItemWhere | null;
      /** None of them is such. */
      readonly none?: TodoItemWhere | null;
      /** How many there are, of those that you may see. */
      readonly count?: IntFilter | null;
    }
    /** One key of an order of TodoItems. Exactly one member is given; through a relation, a row that you may not see counts as missing. */
    interface TodoItemOrderBy {
      /** The row's own key. */
      readonly id?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly text?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly complete?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly priority?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly position?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly dueAt?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly cost?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      /** The id of `list`. */
      readonly listId?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly ownerId?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly moderationNote?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      /** When the row was inserted. */
      readonly createdAt?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      /** When the row was last written. */
      readonly updatedAt?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly list?: TodoListOrderBy | null;
    }
    /** One key of an order of TodoLists. Exactly one member is given; through a relation, a row that you may not see counts as missing. */
    interface TodoListOrderBy {
      /** The row's own key. */
      readonly id?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly name?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly ownerId?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      /** When the row was inserted. */
      readonly createdAt?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      /** When the row was last written. */
      readonly updatedAt?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
      readonly items?: CountOrderBy | null;
    }
    /** By how many rows a relation leads to. */
    interface CountOrderBy {
      /** How many there are, of those that you may see. */
      readonly count?: "ASC" | "DESC" | "ASC_NULLS_FIRST" | "ASC_NULLS_LAST" | "DESC_NULLS_FIRST" | "DESC_NULLS_LAST" | null;
    }
    /** Which groups of TodoItems. All that is said must hold. */
    interface TodoItemHaving {
      /** All of these; an empty list is every group. */
      readonly AND?: readonly TodoItemHaving[] | null;
      /** At least one of these; an empty list is no group. */
      readonly OR?: readonly TodoItemHaving[] | null;
      /** Not this. What is unknown because a value is missing stays unknown. */
      readonly NOT?: TodoItemHaving | null;
      /** How many rows. */
      readonly count?: IntFilter | null;
      /** The sums of the values that there are; null where there is none. */
      readonly sum?: TodoItemSumHaving | null;
      /** The averages of the values that there are, to at least 16 digits; null where there is none. */
      readonly avg?: TodoItemAvgHaving | null;
      /** The least of the values that there are: of texts by code point, of enums as declared; null where there is none. */
      readonly min?: TodoItemMinHaving | null;
      /** The greatest of the values that there are, ordered as for `min`; null where there is none. */
      readonly max?: TodoItemMaxHaving | null;
    }
    interface TodoItemSumHaving {
      readonly position?: BigIntFilter | null;
      readonly cost?: DecimalFilter | null;
    }
    /** A value of type BigInt. */
    interface BigIntFilter {
      /** Equal. */
      readonly eq?: string | null;
      /** Not equal. A missing value is neither equal nor not: ask for isNull as well. */
      readonly ne?: string | null;
      /** One of these; an empty list is no row. */
      readonly in?: readonly string[] | null;
      /** None of these; an empty list is every row. */
      readonly notIn?: readonly string[] | null;
      /** Less. Texts are compared by code point. */
      readonly lt?: string | null;
      /** Less or equal. */
      readonly lte?: string | null;
      /** Greater. */
      readonly gt?: string | null;
      /** Greater or equal. */
      readonly gte?: string | null;
      /** Whether there is no value. */
      readonly isNull?: boolean | null;
    }
    interface TodoItemAvgHaving {
      readonly position?: DecimalFilter | null;
      readonly cost?: DecimalFilter | null;
    }
    interface TodoItemMinHaving {
      readonly id?: IDFilter | null;
      readonly text?: StringFilter | null;
      readonly priority?: PriorityFilter | null;
      readonly position?: IntFilter | null;
      readonly dueAt?: DateTimeFilter | null;
      readonly cost?: DecimalFilter | null;
      readonly listId?: IDFilter | null;
      readonly ownerId?: IDFilter | null;
      readonly moderationNote?: StringFilter | null;
      readonly createdAt?: DateTimeFilter | null;
      readonly updatedAt?: DateTimeFilter | null;
    }
    interface TodoItemMaxHaving {
      readonly id?: IDFilter | null;
      readonly text?: StringFilter | null;
      readonly priority?: PriorityFilter | null;
      readonly position?: IntFilter | null;
      readonly dueAt?: DateTimeFilter | null;
      readonly cost?: DecimalFilter | null;
      readonly listId?: IDFilter | null;
      readonly ownerId?: IDFilter | null;
      readonly moderationNote?: StringFilter | null;
      readonly createdAt?: DateTimeFilter | null;
      readonly updatedAt?: DateTimeFilter | null;
    }
    /** Names one TodoList, by one of its unique keys. */
    interface TodoListKey {
      readonly id?: string | null;
    }
    /** Which groups of TodoLists. All that is said must hold. */
    interface TodoListHaving {
      /** All of these; an empty list is every group. */
      readonly AND?: readonly TodoListHaving[] | null;
      /** At least one of these; an empty list is no group. */
      readonly OR?: readonly TodoListHaving[] | null;
      /** Not this. What is unknown because a value is missing stays unknown. */
      readonly NOT?: TodoListHaving | null;
      /** How many rows. */
      readonly count?: IntFilter | null;
      /** The least of the values that there are: of texts by code point, of enums as declared; null where there is none. */
      readonly min?: TodoListMinHaving | null;
      /** The greatest of the values that there are, ordered as for `min`; null where there is none. */
      readonly max?: TodoListMaxHaving | null;
    }
    interface TodoListMinHaving {
      readonly id?: IDFilter | null;
      readonly name?: StringFilter | null;
      readonly ownerId?: IDFilter | null;
      readonly createdAt?: DateTimeFilter | null;
      readonly updatedAt?: DateTimeFilter | null;
    }
    interface TodoListMaxHaving {
      readonly id?: IDFilter | null;
      readonly name?: StringFilter | null;
      readonly ownerId?: IDFilter | null;
      readonly createdAt?: DateTimeFilter | null;
      readonly updatedAt?: DateTimeFilter | null;
    }
    /** Names one TodoItem, by one of its unique keys. */
    interface TodoItemKey {
      readonly id?: string | null;
    }
    /** A new TodoList. */
    interface TodoListInsert {
      /** The row's own key. */
      readonly id?: string | null;
      readonly name: string;
      readonly ownerId?: string | null;
      readonly items?: TodoItemRefs | null;
    }
    /** TodoItems of a new row: those that are there, and new ones. */
    interface TodoItemRefs {
      /** Rows that are there, by a key. */
      readonly connect?: readonly TodoItemKey[] | null;
      /** New rows. */
      readonly insert?: readonly TodoItemInsert[] | null;
    }
    /** A new TodoItem. */
    interface TodoItemInsert {
      /** The row's own key. */
      readonly id?: string | null;
      readonly text: string;
      readonly complete?: boolean | null;
      readonly priority?: "LOW" | "NORMAL" | "HIGH" | null;
      readonly position?: number | null;
      readonly dueAt?: string | null;
      readonly cost?: string | null;
      readonly tags?: readonly string[] | null;
      /** The id of `list`. */
      readonly listId?: string | null;
      readonly ownerId?: string | null;
      readonly moderationNote?: string | null;
      readonly list?: TodoListRef | null;
    }
    /** The TodoList of a new row: those that are there, and new ones. */
    interface TodoListRef {
      /** Rows that are there, by a key. */
      readonly connect?: TodoListKey | null;
      /** New rows. */
      readonly insert?: TodoListInsert | null;
    }
    /** New values of a TodoList; what is left out stays. */
    interface TodoListSet {
      readonly name?: string | null;
      readonly ownerId?: string | null;
    }
    /** New values of a TodoItem; what is left out stays. */
    interface TodoItemSet {
      readonly text?: string | null;
      readonly complete?: boolean | null;
      readonly priority?: "LOW" | "NORMAL" | "HIGH" | null;
      readonly position?: number | null;
      readonly dueAt?: string | null;
      readonly cost?: string | null;
      readonly tags?: readonly string[] | null;
      /** The id of `list`. */
      readonly listId?: string | null;
      readonly ownerId?: string | null;
      readonly moderationNote?: string | null;
    }
    /** What is added to numbers of a TodoItem; nothing counts as zero. */
    interface TodoItemIncrement {
      readonly position?: number | null;
      readonly cost?: string | null;
    }
    /** What is added at the end of lists of a TodoItem. */
    interface TodoItemAppend {
      readonly tags?: readonly string[] | null;
    }
  }
}

declare namespace TablecastScript {
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
    /** What the client sent as `extensions.params`. */
    readonly params: Readonly<Record<string, any>>;
    /** The headers that TABLECAST_SCRIPT_HEADERS names, in lower case. */
    readonly headers: Readonly<Record<string, string | undefined>>;
    /** `APP_LIST_SIZE` is `settings.LIST_SIZE`. */
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
      /** `SECRET_TOKEN` is `get("TOKEN")`; throws when there is none. */
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
  /** `export default` of scripts/startup.ts: runs once for each start. */
  type Startup = (ctx: Request) => unknown;

  interface Settings<Row> {
    /** Milliseconds that one run may take; at most 10,000. */
    readonly timeout?: number;
    /** Whether ctx.fetch may keep a transaction waiting. */
    readonly fetchInTransaction?: boolean;
    /** The columns that `read` leaves as they are, so that clients may filter and order by them; true: all. */
    readonly safe?: true | readonly (keyof Row)[];
  }

  /** `ctx.tables.<Table>`: operations of the API. */
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

  interface Tables {
    readonly TodoList: Tablecast.TodoList.Calls;
    readonly TodoItem: Tablecast.TodoItem.Calls;
  }
}
