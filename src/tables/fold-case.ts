// Upper and lower case as one: every code point that differs from another only in case becomes one of them. The table is
// our own, because everybody else's moves: PostgreSQL's lower() depends on its version, its collation provider and the
// system, JavaScript's on the version of Node, and both make several characters of one. A folded text may be in an index,
// so that the table never changes; another one would get another name.

/**
 * Unicode 17.0, simple case folding: one code point to one. A run is its first code point in hexadecimal, how many (x),
 * every second one (/2), and the distance to what they fold to. Kelvin and long s fold to k and s, final sigma to sigma;
 * dotless i, dotted I and what only a whole word decides (`ß` and `ss`) stay what they are.
 */
const RUNS = `
  41x26+32 b5+775 c0x23+32 d8x7+32 100x24/2+1 132x3/2+1 139x8/2+1 14ax23/2+1 178-121 179x3/2+1 17f-268 181+210
  182x2/2+1 186+206 187+1 189x2+205 18b+1 18e+79 18f+202 190+203 191+1 193+205 194+207 196+211 197+209 198+1
  19c+211 19d+213 19f+214 1a0x3/2+1 1a6+218 1a7+1 1a9+218 1ac+1 1ae+218 1af+1 1b1x2+217 1b3x2/2+1 1b7+219 1b8+1
  1bc+1 1c4+2 1c5+1 1c7+2 1c8+1 1ca+2 1cbx9/2+1 1dex9/2+1 1f1+2 1f2x2/2+1 1f6-97 1f7-56 1f8x20/2+1 220-130
  222x9/2+1 23a+10795 23b+1 23d-163 23e+10792 241+1 243-195 244+69 245+71 246x5/2+1 345+116 370x2/2+1 376+1
  37f+116 386+38 388x3+37 38c+64 38ex2+63 391x17+32 3a3x9+32 3c2+1 3cf+8 3d0-30 3d1-25 3d5-15 3d6-22 3d8x12/2+1
  3f0-54 3f1-48 3f4-60 3f5-64 3f7+1 3f9-7 3fa+1 3fdx3-130 400x16+80 410x32+32 460x17/2+1 48ax27/2+1 4c0+15
  4c1x7/2+1 4d0x48/2+1 531x38+48 10a0x38+7264 10c7+7264 10cd+7264 13a0x80+38864 13f0x6+8 1c80-6222 1c81-6221
  1c82-6212 1c83x2-6210 1c85-6211 1c86-6204 1c87-6180 1c88+35267 1c89+1 1c90x43-3008 1cbdx3-3008 1e00x75/2+1
  1e9b-58 1e9e-7615 1ea0x48/2+1 1f08x8-8 1f18x6-8 1f28x8-8 1f38x8-8 1f48x6-8 1f59x4/2-8 1f68x8-8 1f88x8-8
  1f98x8-8 1fa8x8-8 1fb8x2-8 1fbax2-74 1fbc-9 1fbe-7173 1fc8x4-86 1fcc-9 1fd3-7235 1fd8x2-8 1fdax2-100 1fe3-7219
  1fe8x2-8 1feax2-112 1fec-7 1ff8x2-128 1ffax2-126 1ffc-9 2126-7517 212a-8383 212b-8262 2132+28 2160x16+16
  2183+1 24b6x26+26 2c00x48+48 2c60+1 2c62-10743 2c63-3814 2c64-10727 2c67x3/2+1 2c6d-10780 2c6e-10749
  2c6f-10783 2c70-10782 2c72+1 2c75+1 2c7ex2-10815 2c80x50/2+1 2cebx2/2+1 2cf2+1 a640x23/2+1 a680x14/2+1
  a722x7/2+1 a732x31/2+1 a779x2/2+1 a77d-35332 a77ex5/2+1 a78b+1 a78d-42280 a790x2/2+1 a796x10/2+1 a7aa-42308
  a7ab-42319 a7ac-42315 a7ad-42305 a7ae-42308 a7b0-42258 a7b1-42282 a7b2-42261 a7b3+928 a7b4x8/2+1 a7c4-48
  a7c5-42307 a7c6-35384 a7c7x2/2+1 a7cb-42343 a7ccx8/2+1 a7dc-42561 a7f5+1 fb06-1 ff21x26+32 10400x40+40
  104b0x36+40 10570x11+39 1057cx15+39 1058cx7+39 10594x2+39 10c80x51+64 10d50x22+32 118a0x32+32 16e40x32+32
  16ea0x25+27 1e900x34+34`;

const FOLDS: ReadonlyMap<string, string> = new Map(
  RUNS.trim()
    .split(/\s+/)
    .flatMap((run) => {
      const [, first = '', count = '1', step, distance = ''] = /^([\da-f]+)(?:x(\d+))?(\/2)?([+-]\d+)$/.exec(run) ?? [];
      return Array.from({ length: Number(count) }, (_, at) => {
        const point = Number.parseInt(first, 16) + at * (step ? 2 : 1);
        return [String.fromCodePoint(point), String.fromCodePoint(point + Number(distance))] as const;
      });
    }),
);

/** Every code point that folds to another, and to which. */
export function caseFolds(): ReadonlyMap<string, string> {
  return FOLDS;
}

/** The text with upper and lower case made one. As many code points as before; folding again changes nothing. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z\u0080-\u{10ffff}]/gu, (point) => FOLDS.get(point) ?? point);
}
