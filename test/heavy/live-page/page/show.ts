// What the page shows of each client, and what it holds against what the client was told.

import type { Item, Show } from './documents.ts';
import type { ChangeBatch } from './fold-changes.ts';

/** What is read from outside of the page. */
export interface Seen {
  readonly lists: Record<string, readonly Item[]>;
  readonly batches: Record<string, number>;
  readonly resets: Record<string, number>;
  /** How often its socket was opened. */
  readonly opened: Record<string, number>;
  readonly wrong: string[];
}

type Told = ChangeBatch<Item> & { readonly events: readonly { readonly op?: string }[] };

/** A column of the page for a client. */
export function openColumn(name: string, page: HTMLElement, seen: Seen): Show {
  const column = document.createElement('section');
  column.innerHTML = '<h2></h2><p></p><h3>todoItemChanges</h3><ol></ol><h3>todoItems</h3><ol></ol>';
  page.append(column);
  const [changes, list] = column.querySelectorAll('ol');
  const [heading, count] = [column.querySelector('h2'), column.querySelector('p')];
  if (!changes || !list || !heading || !count) throw new Error('the column has lost its parts');
  heading.textContent = name;
  const known = new Set<string>();
  const fill = (place: HTMLElement, key: string, items: readonly Item[]) => {
    const sorted = [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
    seen.lists[key] = sorted.map(({ id, text, complete }) => ({ id, text, complete }));
    place.replaceChildren(
      ...sorted.map(({ text, complete }) => {
        const line = document.createElement('li');
        line.textContent = text;
        line.className = complete ? 'complete' : '';
        return line;
      }),
    );
  };
  const complain = (what: string) => {
    seen.wrong.push(`${name}: ${what}`);
    column.className = 'wrong';
  };
  return {
    changes(items, batch) {
      const { events, reset } = batch as Told;
      if (reset) known.clear();
      for (const { op = '', id } of events) {
        const isNew = op === 'SNAPSHOT' || op === 'ENTER';
        if (isNew === known.has(id)) complain(`${op} of ${id}, which it ${isNew ? 'has' : 'has not'}`);
        if (isNew) known.add(id);
        else if (op !== 'UPDATE') known.delete(id);
      }
      seen.batches[name] = (seen.batches[name] ?? 0) + 1;
      if (reset) seen.resets[name] = (seen.resets[name] ?? 0) + 1;
      count.textContent = `${items.length} rows, ${seen.batches[name]} answers`;
      fill(changes, `${name} changes`, items);
    },
    list: (items) => fill(list, `${name} list`, items),
    error: (error) => complain(error instanceof Error ? error.message : JSON.stringify(error)),
    end: () => complain('it ended'),
  };
}
