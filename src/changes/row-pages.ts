// Rows of a table in the order of their ids, as a follower of the log begins with them.

import type { Request } from '../records/value-source.ts';
import type { Filter } from '../tables/filter.ts';
import type { TableModel } from '../tables/model.ts';
import type { Position } from './position.ts';
import type { Look } from './rows-as-of.ts';

/** Which rows. Rules are in the filter already. */
export interface ImagesPlan {
  readonly kind: 'images';
  readonly table: TableModel;
  readonly rows: Filter;
}

export interface ImagesPage {
  readonly after: Position;
  /** The rows come after this id; null: from the first. */
  readonly afterId: string | null;
  readonly most: number;
}

export interface CompiledImages {
  /** At most `most` rows, as they are now, and what the log has of the table since the position: one look. Null as `RowReader.look`. */
  run(request: Request, page: ImagesPage): Promise<Look | null>;
}

/** Implemented by stores of records. */
export interface RowPages {
  compileImages(plan: ImagesPlan): CompiledImages;
}
