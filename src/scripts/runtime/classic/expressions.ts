// Conditions as classic scripts write them, as filters: a function of one expression, like `function (a) { return this.x == a }`,
// or a text like "x eq 'a'". Both say the same with other words.

export type Where = Record<string, unknown>;
type Value = string | number | boolean | null;
type Operand = { readonly column: string } | { readonly value: Value };

const COMPARISONS: Readonly<Record<string, string>> = {
  '==': 'eq',
  '===': 'eq',
  '!=': 'ne',
  '!==': 'ne',
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
  eq: 'eq',
  ne: 'ne',
  lt: 'lt',
  le: 'lte',
  gt: 'gt',
  ge: 'gte',
};
/** The same with its sides changed. */
const TURNED: Readonly<Record<string, string>> = { eq: 'eq', ne: 'ne', lt: 'gt', lte: 'gte', gt: 'lt', gte: 'lte' };
const CALLS: Readonly<Record<string, string>> = {
  startswith: 'startsWith',
  endswith: 'endsWith',
  contains: 'contains',
  substringof: 'contains',
};
const TOKEN =
  /\s*(?:(datetime(?:offset)?)?('(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|([A-Za-z_$][\w$.]*)|(===|!==|==|!=|<=|>=|&&|\|\||[<>!(),]))/y;

interface Token {
  readonly kind: 'value' | 'name' | 'sign';
  readonly text: string;
}

/** The filter that a function stands for; its parameters take `values`. Throws for what is more than one expression. */
export function whereOfFunction(fn: (...values: never[]) => unknown, values: readonly unknown[]): Where {
  const source = Function.prototype.toString.call(fn);
  const found = /^(?:function\b[^(]*)?\(([^)]*)\)\s*(?:=>)?\s*\{\s*return\s+([\s\S]*?);?\s*\}$/.exec(source);
  if (!found)
    throw new TypeError('query.where() takes a function of one expression: function () { return this.x == 1; }');
  const names = (found[1] ?? '').split(',').map((name) => name.trim());
  const given = new Map(names.flatMap((name, at) => (name === '' ? [] : [[name, values[at]] as const])));
  return new Parser(tokensOf(found[2] ?? ''), given).whole();
}

/** The filter that a text stands for. */
export function whereOfText(text: string): Where {
  return new Parser(tokensOf(text), null).whole();
}

/** The filter for a column that has a value. */
export function comparison(column: string, operator: string, value: unknown): Where {
  if (value !== null) return { [column]: { [operator]: value } };
  if (operator === 'eq' || operator === 'ne') return { [column]: { isNull: operator === 'eq' } };
  throw new TypeError(`${column} is compared with null, which has no order.`);
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ''; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const [, , quoted, number, name, sign] = TOKEN.exec(text) ?? [];
    if (quoted !== undefined) tokens.push({ kind: 'value', text: JSON.stringify(unquoted(quoted)) });
    else if (number !== undefined) tokens.push({ kind: 'value', text: number });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else
      throw new TypeError(`A condition of query.where() cannot be understood from here on: ${text.slice(at).trim()}`);
  }
  return tokens;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll("''", "'").replace(/\\(.)/g, '$1');
}

class Parser {
  #at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    /** Of a function, its parameters; null: names are columns. */
    private readonly given: ReadonlyMap<string, unknown> | null,
  ) {}

  whole(): Where {
    const where = this.#either();
    if (this.#at < this.tokens.length) this.#refuse();
    return where;
  }

  #either(): Where {
    const parts = [this.#both()];
    while (this.#take('||') || this.#take('or')) parts.push(this.#both());
    return parts.length === 1 ? (parts[0] ?? {}) : { OR: parts };
  }

  #both(): Where {
    const parts = [this.#not()];
    while (this.#take('&&') || this.#take('and')) parts.push(this.#not());
    return parts.length === 1 ? (parts[0] ?? {}) : { AND: parts };
  }

  #not(): Where {
    return this.#take('!') || this.#take('not') ? { NOT: this.#not() } : this.#one();
  }

  #one(): Where {
    if (this.#take('(')) {
      const where = this.#either();
      this.#expect(')');
      return where;
    }
    const call = CALLS[this.tokens[this.#at]?.text ?? ''];
    if (call !== undefined && this.tokens[this.#at + 1]?.text === '(') return this.#call(call);
    const left = this.#operand();
    const operator = COMPARISONS[this.tokens[this.#at]?.text ?? ''];
    if (operator === undefined) {
      if ('column' in left) return { [left.column]: { eq: true } };
      return this.#refuse();
    }
    this.#at += 1;
    const right = this.#operand();
    if ('column' in left && 'value' in right) return comparison(left.column, operator, right.value);
    if ('value' in left && 'column' in right) return comparison(right.column, TURNED[operator] ?? operator, left.value);
    throw new TypeError('A condition of query.where() compares a column with a value.');
  }

  #call(operator: string): Where {
    this.#at += 1;
    this.#expect('(');
    const first = this.#operand();
    this.#expect(',');
    const second = this.#operand();
    this.#expect(')');
    // substringof('a', x) and startswith(x, 'a') have their sides changed.
    const [column, value] = 'column' in first ? [first, second] : [second, first];
    if (!('column' in column) || !('value' in value)) return this.#refuse();
    const where = { [column.column]: { [operator]: value.value } };
    if (this.#take('eq') || this.#take('==')) {
      const holds = this.#operand();
      return 'value' in holds && holds.value === false ? { NOT: where } : where;
    }
    return where;
  }

  #operand(): Operand {
    const token = this.tokens[this.#at];
    this.#at += 1;
    if (token?.kind === 'value') return { value: JSON.parse(token.text) as Value };
    if (token?.kind !== 'name') return this.#refuse();
    const { text } = token;
    if (text === 'true' || text === 'false') return { value: text === 'true' };
    if (text === 'null' || text === 'undefined') return { value: null };
    if (this.given === null) return { column: text };
    if (text.startsWith('this.')) return { column: text.slice('this.'.length) };
    if (this.given.has(text)) return { value: (this.given.get(text) ?? null) as Value };
    throw new TypeError(`query.where() does not know "${text}": give values of outside as further arguments.`);
  }

  #take(text: string): boolean {
    const token = this.tokens[this.#at];
    if (token?.kind === 'value' || token?.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#refuse();
  }

  #refuse(): never {
    const rest = this.tokens.slice(Math.max(0, this.#at - 1)).map(({ text }) => text);
    throw new TypeError(`A condition of query.where() cannot be understood: ${rest.join(' ') || 'it ends too early'}`);
  }
}
