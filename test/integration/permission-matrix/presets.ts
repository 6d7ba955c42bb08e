// Columns that the service sets, by every way in which a row is made or changed: whoever asks, they are what the preset says.
// Only the master key may set something else, and gets it.

import { ask, type TestService } from '../../support/open-test-service.ts';
import type { Cells } from './cells.ts';
import type { Who } from './world.ts';

const EVERYBODY = '@permission(on: [READ, INSERT, UPDATE, DELETE], level: PUBLIC)';

export const PRESETS_SDL = `
type Stamp @table ${EVERYBODY} {
  note: String
  made: Int @preset(on: [INSERT], value: "7")
  madeBy: ID @preset(on: [INSERT], value: "$user.id")
  changed: Int @preset(on: [UPDATE], value: "8")
  changedBy: ID @preset(on: [UPDATE], value: "$user.id")
  album: Album @belongsTo
}
type Album @table ${EVERYBODY} { stamps: [Stamp!]! @has(field: "album") }`;

/** The presets of a row as it is stored. */
interface Stamped {
  readonly made: number | null;
  readonly by: string | null;
  readonly changed: number | null;
  readonly changedBy: string | null;
}

/** What the row of updates has before. */
const BEFORE: Stamped = { made: 1, by: 'before', changed: 1, changedBy: 'before' };

/** A way to write the row `id`; `more` goes to its values. */
interface Way {
  readonly name: string;
  readonly use: 'INSERT' | 'UPDATE';
  /** Whether values of the row can be given along. */
  readonly takesValues?: false;
  document(id: string, more: string): string;
}

const WAYS: readonly Way[] = [
  {
    name: 'insert',
    use: 'INSERT',
    document: (id, more) => `mutation { insertStamp(data: { id: "${id}", note: "n"${more} }) { id } }`,
  },
  {
    name: 'bulk insert',
    use: 'INSERT',
    document: (id, more) => `mutation { insertStamps(data: [{ id: "${id}"${more} }, { note: "other" }]) { count } }`,
  },
  {
    name: 'bulk insert of each',
    use: 'INSERT',
    document: (id, more) => `mutation { insertStamps(data: [{ id: "${id}"${more} }], mode: EACH) { count } }`,
  },
  {
    name: 'nested insert',
    use: 'INSERT',
    document: (id, more) => `mutation { insertAlbum(data: { stamps: { insert: [{ id: "${id}"${more} }] } }) { id } }`,
  },
  {
    name: 'upsert, inserting',
    use: 'INSERT',
    document: (id, more) =>
      `mutation { upsertStamp(by: { id: "${id}" }, insert: { note: "n"${more} }, update: { note: "m" }) { inserted } }`,
  },
  {
    name: 'update',
    use: 'UPDATE',
    document: (id, more) => `mutation { updateStamp(by: { id: "${id}" }, set: { note: "m"${more} }) { id } }`,
  },
  {
    name: 'bulk update',
    use: 'UPDATE',
    document: (id, more) =>
      `mutation { updateStamps(where: { id: { eq: "${id}" } }, set: { note: "m"${more} }) { count } }`,
  },
  {
    name: 'upsert, updating',
    use: 'UPDATE',
    document: (id, more) =>
      `mutation { upsertStamp(by: { id: "${id}" }, insert: { note: "n" }, update: { note: "m"${more} }) { inserted } }`,
  },
  {
    name: 'upsert without changes of its own, updating',
    use: 'UPDATE',
    takesValues: false,
    document: (id) => `mutation { upsertStamp(by: { id: "${id}" }, insert: { note: "m" }) { inserted } }`,
  },
  {
    name: 'connect',
    use: 'UPDATE',
    takesValues: false,
    document: (id) => `mutation { insertAlbum(data: { stamps: { connect: [{ id: "${id}" }] } }) { id } }`,
  },
];

/** Every way to write a row as every caller, and what the service has set then. */
export async function checkPresets(app: TestService, cells: Cells, callers: readonly Who[]): Promise<void> {
  await Promise.all(
    callers.map(async (who, at) => {
      for (const [number, way] of WAYS.entries()) {
        await checkWay(app, cells, { who, way, id: `stamp-${at}-${number}`, own: null });
        if (who.admin && way.takesValues !== false)
          await checkWay(app, cells, { who, way, id: `own-${at}-${number}`, own: 5 });
      }
    }),
  );
}

/** `own`: what the caller asks for instead of the preset. */
async function checkWay(
  app: TestService,
  cells: Cells,
  { who, way, id, own }: { readonly who: Who; readonly way: Way; readonly id: string; readonly own: number | null },
): Promise<void> {
  const { use, name } = way;
  if (use === 'UPDATE')
    await app.database.query('INSERT INTO stamp (id, made, made_by, changed, changed_by) VALUES ($1, $2, $3, $4, $5)', [
      id,
      BEFORE.made,
      BEFORE.by,
      BEFORE.changed,
      BEFORE.changedBy,
    ]);
  const column = use === 'INSERT' ? 'made' : 'changed';
  await ask(app.url, way.document(id, own === null ? '' : `, ${column}: ${own}`), { headers: who.headers });
  const [row] = await app.database.query(
    'SELECT made, made_by AS by, changed, changed_by AS "changedBy" FROM stamp WHERE id = $1',
    [id],
  );
  cells.check(
    `presets on ${use}`,
    `${name}, ${who.name}${own === null ? '' : ', its own'}`,
    row,
    expected(who, use, own),
  );
}

/** The row that is to be there; undefined: none. */
function expected({ broken, user }: Who, use: Way['use'], own: number | null): Stamped | undefined {
  if (use === 'INSERT') return broken ? undefined : { made: own ?? 7, by: user, changed: null, changedBy: null };
  return broken ? BEFORE : { ...BEFORE, changed: own ?? 8, changedBy: user };
}
