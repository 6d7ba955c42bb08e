// Makes the world the same for every run: what one script does to a prototype or a global would be there for all others in the
// host. Everything that can be reached from the globals and from the granted modules is frozen.

/**
 * Of these the engine keeps fast paths for as long as nothing about them changes, so that only what is named here is made
 * overridable. Arrays are left out altogether: an accessor on their `constructor` was measured to make them ten times slower.
 */
const FAST: readonly (readonly [object, readonly string[]])[] = [
  [Promise.prototype, ['constructor']],
  [RegExp.prototype, ['toString']],
  ...[Map, Set, Date].map((type) => [type.prototype, ['constructor', 'toString']] as const),
  ...[Array, String, Number, Boolean, BigInt, Symbol, WeakMap, WeakSet, ArrayBuffer, DataView].map(
    (type) => [type.prototype, []] as const,
  ),
];

/** Freezes it, and what can be reached from `more`; nothing that is loaded afterwards can change it. */
export function freezeWorld(more: readonly unknown[]): void {
  allowAboutStacks();
  const seen = reachable([globalThis, ...hiddenIntrinsics(), ...more]);
  const fast = new Map(FAST);
  for (const value of seen) {
    const names = fast.get(value) ?? (isOrdinaryPrototype(value) ? Reflect.ownKeys(value) : []);
    for (const name of names) makeOverridable(value, name);
  }
  // Accessors were put in; what they lead to is frozen like everything else.
  for (const value of reachable([globalThis, ...seen])) if (value !== globalThis) tryFreeze(value);
  Object.freeze(globalThis);
}

function reachable(roots: readonly unknown[]): Set<object> {
  const seen = new Set<object>();
  const queue = [...roots];
  while (queue.length > 0) {
    const value = queue.pop();
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
    seen.add(value);
    if (ArrayBuffer.isView(value)) continue;
    for (const key of Reflect.ownKeys(value)) {
      const property = Reflect.getOwnPropertyDescriptor(value, key);
      if (property) queue.push(property.value, property.get, property.set);
    }
    queue.push(Reflect.getPrototypeOf(value));
  }
  return seen;
}

/** Of a class whose objects libraries set properties on by assignment, which a frozen prototype would refuse. */
function isOrdinaryPrototype(value: object): boolean {
  const type: unknown = Object.hasOwn(value, 'constructor') ? Reflect.get(value, 'constructor') : undefined;
  const isTyped = Object.getPrototypeOf(value) === Object.getPrototypeOf(Uint8Array.prototype);
  return typeof type === 'function' && type.prototype === value && !isTyped;
}

/** An assignment to something that inherits from it sets a property of that. */
function makeOverridable(prototype: object, name: string | symbol): void {
  const property = Reflect.getOwnPropertyDescriptor(prototype, name);
  if (!property?.configurable || !property.writable) return;
  const { value, enumerable = false } = property;
  Reflect.defineProperty(prototype, name, {
    configurable: false,
    enumerable,
    get: () => value as unknown,
    set(this: unknown, next: unknown) {
      if (this === prototype) {
        throw new TypeError(`${String(name)} is shared by all scripts, and cannot be changed.`);
      }
      Object.defineProperty(this, name, { value: next, writable: true, enumerable: true, configurable: true });
    },
  });
}

/**
 * Libraries set these to get longer stacks, or other ones, and may. The length the engine takes from a plain property only,
 * which is therefore the one thing that stays writable; nothing comes of the other.
 */
function allowAboutStacks(): void {
  Error.stackTraceLimit = 30;
  Reflect.defineProperty(Error, 'prepareStackTrace', { get: () => undefined, set: () => undefined });
}

/** Prototypes that no global leads to. */
function hiddenIntrinsics(): unknown[] {
  async function* generate() {
    yield 0;
  }
  function* count() {
    yield 0;
  }
  return [
    Object.getPrototypeOf(async () => undefined),
    Object.getPrototypeOf(generate),
    Object.getPrototypeOf(count),
    Object.getPrototypeOf(count()),
    Object.getPrototypeOf(generate()),
    Object.getPrototypeOf([][Symbol.iterator]()),
    Object.getPrototypeOf(new Map()[Symbol.iterator]()),
    Object.getPrototypeOf(new Set()[Symbol.iterator]()),
    Object.getPrototypeOf(''[Symbol.iterator]()),
    Object.getPrototypeOf(''.matchAll(/x/g)),
    Object.getPrototypeOf(new Headers().entries()),
    Object.getPrototypeOf(new URLSearchParams().entries()),
    Object.getPrototypeOf(new FormData().entries()),
  ];
}

/** An object of the engine's own may refuse. */
function tryFreeze(value: object): void {
  try {
    const writable = staysWritable(value);
    if (writable.length > 0) freezeBut(value, writable);
    else if (ArrayBuffer.isView(value)) Object.preventExtensions(value);
    else Object.freeze(value);
  } catch {
    Object.preventExtensions(value);
  }
}

/**
 * What cannot be made overridable on a prototype, and must not be frozen then: objects that inherit from it could not be made.
 * (Node's EventEmitter has one such property, a switch of its own.)
 */
function staysWritable(value: object): readonly (string | symbol)[] {
  if (value === Error) return ['stackTraceLimit'];
  if (!isOrdinaryPrototype(value)) return [];
  return Reflect.ownKeys(value).filter((key) => {
    const property = Reflect.getOwnPropertyDescriptor(value, key);
    return property?.writable === true && property.configurable === false;
  });
}

function freezeBut(value: object, writable: readonly (string | symbol)[]): void {
  Object.preventExtensions(value);
  for (const key of Reflect.ownKeys(value)) {
    const property = Reflect.getOwnPropertyDescriptor(value, key);
    const isFixed = property !== undefined && 'value' in property && !writable.includes(key);
    Reflect.defineProperty(value, key, { configurable: false, ...(isFixed ? { writable: false } : {}) });
  }
}
