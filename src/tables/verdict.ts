// The three values of a filter: true, false, and unknown. The tables are Kleene's, and SQL's.

/** Null is unknown. */
export type Verdict = boolean | null;

export function notVerdict(verdict: Verdict): Verdict {
  return verdict === null ? null : !verdict;
}

/** True when all are: one false decides, whatever is unknown. Stops there. */
export function allVerdicts<Item>(items: Iterable<Item>, judge: (item: Item) => Verdict): Verdict {
  let unknown = false;
  for (const item of items) {
    const verdict = judge(item);
    if (verdict === false) return false;
    unknown ||= verdict === null;
  }
  return unknown ? null : true;
}

/** True when any is. Stops there. */
export function anyVerdict<Item>(items: Iterable<Item>, judge: (item: Item) => Verdict): Verdict {
  return notVerdict(allVerdicts(items, (item) => notVerdict(judge(item))));
}
