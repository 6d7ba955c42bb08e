// What a script host is given to run a function of a script: plain JSON, made by the service and understood by the runtime.
// Values of columns are as GraphQL has them.

/** The values of a row, or of a change, by the names of columns. */
export type ScriptRow = Readonly<Record<string, unknown>>;

export interface ScriptUser {
  readonly id: string;
  readonly roles: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What every function may know of the request. */
export interface ScriptRequest {
  readonly requestId: string;
  readonly user: ScriptUser | null;
  readonly caller: 'public' | 'application' | 'user' | 'admin' | 'service';
  /** What the client gave in `extensions.params`. */
  readonly params: ScriptRow;
  /** Lower case; only those that the app's settings allow. */
  readonly headers: Readonly<Record<string, string>>;
  /** The app's settings; its secrets are asked for one by one. */
  readonly settings: Readonly<Record<string, string>>;
  /** How many scripts are around this one: 0 for what a client began. */
  readonly depth: number;
}

/** One row that a write is about. */
export interface WriteItem {
  /** Of an insert the new row; of an update the values to set; empty for the others. */
  readonly item: ScriptRow;
  /** The id of the row; of an insert the one that it will have. */
  readonly id: string;
  /** The row as it was; null for an insert. */
  readonly previous: ScriptRow | null;
}

export type WriteOperation = 'INSERT' | 'UPDATE' | 'DELETE' | 'UNDELETE';

export type ScriptInput = ScriptRequest &
  (
    | {
        readonly kind: 'write';
        readonly table: string;
        readonly operation: WriteOperation;
        /** Whether the client asked for many rows at once. */
        readonly batch: boolean;
        readonly items: readonly WriteItem[];
      }
    | { readonly kind: 'filter'; readonly table: string }
    | { readonly kind: 'read'; readonly table: string; readonly rows: readonly ScriptRow[] }
    | { readonly kind: 'startup' }
  );

/** An error of the service as a script sees it. `ref` names it, for when it is thrown on. */
export interface CallError {
  readonly ref: string;
  readonly message: string;
  readonly code: string;
  readonly fields?: readonly { readonly path: readonly (string | number)[]; readonly message: string }[];
  /** With CONFLICT: the row as it is. */
  readonly current?: unknown;
}

/** What the functions of a write have come to, once each has asked to be carried out or has ended. */
export interface ExecuteCall {
  readonly steps: readonly {
    readonly at: number;
    readonly item: ScriptRow;
    /** Given: the version that the row must have instead of the one that the client named; null: any. */
    readonly ifVersion?: string | null;
  }[];
  /** Of those that ended, whenever that was. */
  readonly ended: WriteResult['results'];
}

export interface ExecuteReply {
  readonly outcomes: readonly (
    | { readonly at: number; readonly row: ScriptRow }
    | { readonly at: number; readonly error: CallError }
  )[];
}

/** Why one function did not answer. */
export type FunctionFailure =
  | {
      readonly kind: 'rejected';
      readonly code: string;
      readonly message: string;
      readonly fields?: CallError['fields'];
    }
  /** It threw on what a call of its own threw. */
  | { readonly kind: 'callError'; readonly ref: string; readonly message: string; readonly stack: string }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string };

/** What a write came to: one for each item. `row` null: nothing is answered of it. */
export interface WriteResult {
  readonly results: readonly (
    | { readonly at: number; readonly row: ScriptRow | null; readonly executed: boolean }
    | { readonly at: number; readonly failure: FunctionFailure }
  )[];
}

/** What a filter says: like `where` of GraphQL, or every row, or none. */
export interface FilterResult {
  readonly where: ScriptRow | boolean | null;
}

/** The rows that are told, each with the id of one that was given. */
export interface ReadResult {
  readonly rows: readonly ScriptRow[];
}
