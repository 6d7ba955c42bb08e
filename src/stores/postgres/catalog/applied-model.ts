// The history of models: each that was applied to this database, by which Tablecast, and what that did. Rows are written
// by record-applied-model.ts, in the transaction that applies the model, and read through the entity.

import type { EntitySchemaOptions } from 'typeorm';

/** A row of the history. */
export interface AppliedModel {
  /** Grows with time: the order in which models were applied. */
  readonly id: string;
  /** A hash of what the table files said. */
  readonly modelVersion: string;
  /** The version of the Tablecast that applied it. */
  readonly productVersion: string;
  /** What was done to the tables, in words; empty when they were right already. */
  readonly steps: readonly string[];
  readonly appliedAt: Date;
}

/** The entity. Its table is made by the migrations, and a test holds the two equal. */
export const APPLIED_MODEL: EntitySchemaOptions<AppliedModel> = {
  name: 'AppliedModel',
  tableName: 'applied_model',
  columns: {
    id: { type: 'bigint', primary: true, generated: true },
    modelVersion: { name: 'model_version', type: 'text' },
    productVersion: { name: 'product_version', type: 'text' },
    steps: { type: 'text', array: true },
    appliedAt: { name: 'applied_at', type: 'timestamp with time zone', default: () => 'now()' },
  },
};
