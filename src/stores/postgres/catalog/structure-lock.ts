// The one advisory lock under which the structure of a database is changed: the catalog's and that of the model's tables.

/** Any number that all versions of the product agree on; taken for a transaction, never for a session. */
export const STRUCTURE_LOCK = 7_305_124_811;
