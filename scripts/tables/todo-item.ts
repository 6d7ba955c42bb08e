// What happens around the items of a list, whoever writes them and in whatever way: one by one, many at once, nested in a new
// list, connected to another.

import { tidy } from '../shared/text.ts';

/** Items that a list may have; `APP_LIST_SIZE` in .env says otherwise. */
const LIST_SIZE = 1_000;

/** One new item. */
export const insert: Tablecast.TodoItem.Insert = async (ctx) => {
  ctx.item.text = tidy(ctx.item.text);
  await assertRoom(ctx, new Map([[ctx.item.listId, 1]]));
  const item = await ctx.execute();
  // Only once it is kept: what is undone is told nobody.
  ctx.afterCommit(() => ctx.log.info(`an item for list ${item.listId}`));
  return item;
};

/** Many at once: lists are counted once each, and the items are written together. */
export const insertMany: Tablecast.TodoItem.InsertMany = async (ctx) => {
  const added = new Map<string, number>();
  for (const item of ctx.items) {
    item.text = tidy(item.text);
    added.set(item.listId, (added.get(item.listId) ?? 0) + 1);
  }
  await assertRoom(ctx, added);
  return ctx.execute();
};

/** An item that is done cannot be reworded, only opened again. */
export const update: Tablecast.TodoItem.Update = async (ctx) => {
  const { item, previous } = ctx;
  if (item.text !== undefined) item.text = tidy(item.text);
  if (previous.complete && item.complete !== false && item.text !== undefined && item.text !== previous.text) {
    ctx.reject('ITEM_IS_DONE', 'The item is done: open it again to change its text.', [
      { path: ['set', 'text'], message: 'belongs to an item that is done' },
    ]);
  }
  return ctx.execute();
};

/** Refuses when the lists have no room for so many more. They are counted as they are now, in the same transaction. */
async function assertRoom(ctx: TablecastScript.Request, added: ReadonlyMap<string, number>): Promise<void> {
  const most = Number(ctx.settings.LIST_SIZE ?? LIST_SIZE);
  for (const [listId, count] of added) {
    const there = await ctx.tables.TodoItem.count({ where: { listId: { eq: listId } } });
    if (there + count > most) ctx.reject('LIST_FULL', `A list has at most ${most} items, and this one has ${there}.`);
  }
}
