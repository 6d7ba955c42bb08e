// Judging changes for many who follow rows: who was told of a row before a change, and who is to be told of it after. The
// change of a row can concern those who follow it, and those whose filters look at it from other rows.

import type { Change, Image } from './change.ts';
import { cursorAt } from './change-cursor.ts';
import { imagesBack, leadingThrough, type Step } from './follow-relation.ts';
import type { Interest, Use } from './interest.ts';
import type { Mirror } from './mirror.ts';
import { Router } from './router.ts';
import { ownEvent, type RowEvent, relatedEvent } from './row-event.ts';

/** Somebody who follows rows. */
export interface Judged {
  readonly interest: Interest;
  tell(event: RowEvent): void;
  /** Rows were changed, and nobody can say how: what was told before is void. */
  reset(): void;
  /** Its filter could not be asked. */
  fail(error: unknown): void;
}

/** All who look at a table along the same way. */
interface Lookout {
  readonly way: readonly Step[];
  /** The table is the one between the two of the last step. */
  readonly between: boolean;
  readonly router: Router<Judged>;
}

interface TableWatch {
  /** Who follow its rows. */
  readonly own: Router<Judged>;
  readonly followers: Set<Judged>;
  readonly lookouts: Map<string, Lookout>;
  /** How many of the followers look at other rows. */
  looking: number;
}

/** Rows that somebody is told of, by their names. */
type Told = Map<Judged, Map<string, Image>>;

export class Judge {
  /** By the names of tables in the database. */
  readonly #tables = new Map<string, TableWatch>();

  constructor(private readonly mirror: Mirror) {}

  /** From the next change on. Returns its end. */
  add(judged: Judged): () => void {
    const { interest } = judged;
    const { table, model, routes, uses } = interest;
    const watch = this.#watch(table.sqlName);
    const ends = [watch.own.add(judged, model, table, routes)];
    watch.followers.add(judged);
    watch.looking += Number(uses.length > 0);
    for (const use of uses) ends.push(...this.#addUse(judged, use));
    return () => {
      for (const end of ends) end();
      watch.followers.delete(judged);
      watch.looking -= Number(uses.length > 0);
      this.#tidy(table.sqlName);
    };
  }

  /** Whether nobody cares for a table. */
  ignores(table: string): boolean {
    return !this.#tables.has(table);
  }

  /** Tells what a change means, to everybody. At once, unless rows have to be read for it. */
  judge(change: Change): void | Promise<void> {
    const watch = this.#tables.get(change.table);
    if (!watch) return this.mirror.apply(change);
    if (change.kind === 'RESET') return this.#reset(watch, change);
    if (watch.looking > 0 || watch.lookouts.size > 0) return this.#judgeLooking(watch, change);
    this.#judgePlain(watch, change);
    this.mirror.apply(change);
  }

  /**
   * Reads what judging these changes will ask for, as far as it can be told beforehand: in one go, and not for each of them.
   * Throws what the mirror throws.
   */
  async prepare(changes: readonly Change[]): Promise<void> {
    const looking = changes.filter((change) => {
      const watch = this.#tables.get(change.table);
      return watch && change.kind !== 'RESET' && (watch.looking > 0 || watch.lookouts.size > 0);
    });
    if (looking.length < 2) return;
    await this.mirror.settle(() => {
      for (const change of looking) {
        const watch = this.#tables.get(change.table);
        if (!watch) continue;
        const images = [change.before, change.after].filter((image) => image !== null);
        for (const image of images) this.#having(watch.own.find(image, this.mirror), image);
        this.#others(watch, images, change);
      }
    });
  }

  #judgePlain({ own }: TableWatch, change: Change): void {
    const { before, after } = change;
    const found = before ? own.find(before, this.mirror) : NOBODY;
    // Mostly an update concerns those whom the row concerned before.
    const stays = change.kind === 'UPDATE' && !own.isMovedBy(change.changed);
    const was = before ? this.#having(found, before) : NOBODY;
    const is = after ? this.#having(stays ? found : own.find(after, this.mirror), after) : NOBODY;
    for (const judged of was) this.#tellOwn(judged, change, true, is.has(judged));
    for (const judged of is) if (!was.has(judged)) this.#tellOwn(judged, change, false, true);
  }

  async #judgeLooking(watch: TableWatch, change: Change): Promise<void> {
    const { before, after } = change;
    const images = [before, after].filter((image) => image !== null);
    const was = await this.mirror.settle(() => ({
      own: before ? this.#having(watch.own.find(before, this.mirror), before) : NOBODY,
      others: this.#others(watch, images, change),
    }));
    this.mirror.apply(change);
    const is = await this.mirror.settle(() => ({
      own: after ? this.#having(watch.own.find(after, this.mirror), after) : NOBODY,
      others: this.#others(watch, images, change),
    }));
    for (const judged of new Set([...was.own, ...is.own, ...was.others.keys(), ...is.others.keys()])) {
      const own = ownEvent(judged.interest.plan, change, was.own.has(judged), is.own.has(judged));
      const others = otherEvents(change, was.others.get(judged) ?? new Map(), is.others.get(judged) ?? new Map());
      tellInOrder(judged, own ? [own, ...others] : others);
    }
  }

  /** Of those who look at a row from others: which of these they are told of now. */
  #others({ lookouts }: TableWatch, images: readonly Image[], { table, id }: Change): Told {
    const told: Told = new Map();
    for (const { way, between, router } of lookouts.values()) {
      const candidates = new Set(images.flatMap((image) => [...router.find(image, this.mirror)]));
      const [first] = candidates;
      const start = way[0]?.from;
      if (!first || !start) continue;
      const roots = this.#roots(first.interest, way, between, images);
      for (const root of roots) {
        const name = root['id'] ?? '';
        // What its own change means to a row is told as that.
        if (name === id && start.sqlName === table) continue;
        for (const judged of this.#having(candidates, root)) {
          const rows = told.get(judged) ?? new Map<string, Image>();
          rows.set(name, root);
          told.set(judged, rows);
        }
      }
    }
    return told;
  }

  #roots({ model }: Interest, way: readonly Step[], between: boolean, images: readonly Image[]): Set<Image> {
    const last = way.at(-1);
    const link = last?.relation.link;
    if (!between || !last || !link) return imagesBack(model, way, images, this.mirror);
    const ends = images.flatMap((row) => [...leadingThrough(last.from, link, row, this.mirror)]);
    return imagesBack(model, way.slice(0, -1), ends, this.mirror);
  }

  /** Who of the candidates is told of a row. */
  #having(candidates: ReadonlySet<Judged>, image: Image): ReadonlySet<Judged> {
    if (candidates.size === 0) return NOBODY;
    const found = new Set<Judged>();
    for (const judged of candidates) {
      try {
        if (judged.interest.has(image, this.mirror)) found.add(judged);
      } catch (error) {
        judged.fail(error);
      }
    }
    return found;
  }

  #tellOwn(judged: Judged, change: Change, was: boolean, is: boolean): void {
    const event = ownEvent(judged.interest.plan, change, was, is);
    if (event) judged.tell(event);
  }

  #reset({ followers, lookouts }: TableWatch, change: Change): void {
    for (const judged of followers) judged.reset();
    for (const { router } of lookouts.values()) for (const judged of router.all()) judged.reset();
    this.mirror.forget();
    this.mirror.apply(change);
  }

  #addUse(judged: Judged, { way, routes }: Use): (() => void)[] {
    const last = way.at(-1);
    if (!last) return [];
    const { model } = judged.interest;
    const target = model.tables.get(last.relation.target);
    if (!target) return [];
    const ends = [
      this.#addLookout(judged, target.sqlName, way, false, (router) => router.add(judged, model, target, routes)),
    ];
    const { link } = last.relation;
    if (link)
      ends.push(this.#addLookout(judged, link.sqlName, way, true, (router) => router.add(judged, model, target, null)));
    return ends;
  }

  #addLookout(
    judged: Judged,
    table: string,
    way: readonly Step[],
    between: boolean,
    add: (router: Router<Judged>) => () => void,
  ): () => void {
    const { lookouts } = this.#watch(table);
    const { model, table: start } = judged.interest;
    const name = [model.version, start.name, ...way.map(({ relation }) => relation.name), between].join(' ');
    const lookout = lookouts.get(name) ?? { way, between, router: new Router<Judged>() };
    lookouts.set(name, lookout);
    const end = add(lookout.router);
    return () => {
      end();
      if (lookout.router.isEmpty) lookouts.delete(name);
      this.#tidy(table);
    };
  }

  #watch(table: string): TableWatch {
    const known = this.#tables.get(table);
    if (known) return known;
    const made: TableWatch = { own: new Router(), followers: new Set(), lookouts: new Map(), looking: 0 };
    this.#tables.set(table, made);
    return made;
  }

  #tidy(table: string): void {
    const watch = this.#tables.get(table);
    if (watch?.followers.size === 0 && watch.lookouts.size === 0) this.#tables.delete(table);
  }
}

const NOBODY: ReadonlySet<Judged> = new Set();

/** What the change of a row means for others. */
function otherEvents({ position }: Change, was: Map<string, Image>, is: Map<string, Image>): RowEvent[] {
  const left = [...was]
    .filter(([id]) => !is.has(id))
    .map(([, image]) => relatedEvent(image, false, cursorAt(position)));
  const entered = [...is]
    .filter(([id]) => !was.has(id))
    .map(([, image]) => relatedEvent(image, true, cursorAt(position)));
  return [...left, ...entered];
}

/** Tells of one change, in the order of ids, so that it can be gone on from anywhere between. */
function tellInOrder(judged: Judged, events: RowEvent[]): void {
  const last = events.sort((a, b) => (a.id < b.id ? -1 : 1)).at(-1);
  for (const event of events) {
    const { position } = event.cursor;
    judged.tell(event === last ? event : { ...event, cursor: { position, left: { of: 'change', after: event.id } } });
  }
}
