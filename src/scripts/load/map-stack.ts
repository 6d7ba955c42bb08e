// Stacks of scripts, with the lines that their authors wrote. What is not theirs is left out.

import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';

/** A place in a bundled script: `script:tables/todo-item:12:7`. */
const PLACE = /script:([\w./-]+?):(\d+):(\d+)/;

/** Makes the function that maps stacks of these modules. */
export function stackMapper(modules: readonly { readonly name: string; readonly sourceMap: string }[]) {
  const maps = new Map<string, TraceMap>();
  const mapOf = (name: string): TraceMap | null => {
    const known = maps.get(name);
    if (known) return known;
    const text = modules.find((module) => module.name === name)?.sourceMap;
    if (!text) return null;
    const map = new TraceMap(text);
    maps.set(name, map);
    return map;
  };
  return (stack: string): string =>
    stack
      .split('\n')
      .flatMap((line) => {
        const [place, name = '', row = '', column = ''] = PLACE.exec(line) ?? [];
        // Frames of the host tell an author nothing.
        if (!place) return /^\s+at\b/.test(line) ? [] : [line];
        const map = mapOf(name);
        if (!map) return [line];
        const found = originalPositionFor(map, { line: Number(row), column: Number(column) - 1 });
        if (found.source === null) return [line];
        const file = found.source.replace(/^(\.\.?\/)+/, '');
        return [
          line.replace(
            place,
            `${file.startsWith('scripts/') ? file : `scripts/${file}`}:${found.line}:${found.column + 1}`,
          ),
        ];
      })
      .join('\n');
}
