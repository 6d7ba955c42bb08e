/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** What a caller has shown: nothing, the application key, a signed-in user, or the master key. */
export type Level =
  | 'ADMIN'
  | 'APPLICATION'
  | 'PUBLIC'
  | 'USER';

export type Priority =
  | 'HIGH'
  | 'LOW'
  | 'NORMAL';

/** A new TodoItem. */
export type TodoItemInsert = {
  readonly complete?: boolean | null | undefined;
  readonly cost?: string | null | undefined;
  readonly dueAt?: string | null | undefined;
  /** The row's own key. */
  readonly id?: string | number | null | undefined;
  readonly list?: TodoListRef | null | undefined;
  /** The id of `list`. */
  readonly listId?: string | number | null | undefined;
  readonly position?: number | null | undefined;
  readonly priority?: Priority | null | undefined;
  readonly tags?: ReadonlyArray<string> | null | undefined;
  readonly text: string;
};

/** Names one TodoItem, by one of its unique keys. */
export type TodoItemKey =
  {   readonly id: string | number; };

/** TodoItems of a new row: those that are there, and new ones. */
export type TodoItemRefs = {
  /** Rows that are there, by a key. */
  readonly connect?: ReadonlyArray<TodoItemKey> | null | undefined;
  /** New rows. */
  readonly insert?: ReadonlyArray<TodoItemInsert> | null | undefined;
};

/** A new TodoList. */
export type TodoListInsert = {
  /** The row's own key. */
  readonly id?: string | number | null | undefined;
  readonly items?: TodoItemRefs | null | undefined;
  readonly name: string;
};

/** Names one TodoList, by one of its unique keys. */
export type TodoListKey =
  {   readonly id: string | number; };

/** The TodoList of a new row: those that are there, and new ones. */
export type TodoListRef =
  {   /** Rows that are there, by a key. */
  readonly connect: TodoListKey; readonly insert?: never; }
  |  { readonly connect?: never;   /** New rows. */
  readonly insert: TodoListInsert; };

export type MakeListMutationVariables = Exact<{
  name: string;
}>;


export type MakeListMutation = { readonly insertTodoList: { readonly id: string, readonly name: string, readonly ownerId: string, readonly createdAt: string } | null };

export type AddItemMutationVariables = Exact<{
  data: TodoItemInsert;
}>;


export type AddItemMutation = { readonly insertTodoItem: { readonly id: string, readonly text: string, readonly priority: Priority, readonly dueAt: string | null, readonly tags: ReadonlyArray<string>, readonly list: { readonly name: string } | null } | null };

export type MyListsQueryVariables = Exact<{
  items: number;
}>;


export type MyListsQuery = { readonly viewer: { readonly level: Level, readonly userId: string | null }, readonly todoLists: ReadonlyArray<{ readonly id: string, readonly name: string, readonly items: ReadonlyArray<{ readonly text: string, readonly complete: boolean, readonly priority: Priority }> }> | null };
