// What is asked, of whom in which words, and what must come of it. A server's own words for a question stay as lean as it
// allows: no cursor, count or field that the others do not make.

import type pg from 'pg';

export const SERVERS = ['bare', 'tablecast', 'postgraphile'] as const;
export type ServerName = (typeof SERVERS)[number];

export type Variables = Readonly<Record<string, string | number>>;
type Data = Readonly<Record<string, unknown>>;

export interface Case {
  readonly name: string;
  readonly title: string;
  /** What the variables are chosen from: one row is one set of them. */
  readonly variables: string;
  /** The document for Tablecast; the bare server is asked the same and knows it by its name. */
  readonly tablecast: string;
  /** The statement behind the bare server: its parameters are the variables in their order, its `answer` is the data. */
  readonly sql: string;
  readonly postgraphile: { readonly query: string; readonly toAnswer: (data: Data) => unknown };
}

const same = (data: Data) => data;
const CITY = ['id', 'name', 'kind', 'population', 'latitude', 'longitude', 'timeZone', 'countryId'];
const CITY_JSON = `'id', id, 'name', name, 'kind', kind, 'population', population, 'latitude', latitude, 'longitude', longitude, 'timeZone', time_zone, 'countryId', country_id`;
const ours = CITY.join(' ');
/** Amber calls the column `id` `rowId`, because `id` is its global one. */
const theirs = ours.replace(/^id/, 'id: rowId');

export const CASES: readonly Case[] = [
  {
    name: 'by-id',
    title: 'A row by its id, 8 columns',
    variables: 'SELECT id FROM city ORDER BY md5(id) LIMIT 1000',
    tablecast: `query ById($id: ID!) { city(by: { id: $id }) { ${ours} } }`,
    sql: `SELECT json_build_object('city', json_build_object(${CITY_JSON}))::text AS answer FROM city WHERE id = $1`,
    postgraphile: { query: `query ById($id: String!) { city: cityByRowId(rowId: $id) { ${theirs} } }`, toAnswer: same },
  },
  {
    name: 'list',
    title: 'The 50 largest cities of a country, 8 columns',
    variables: 'SELECT country_id AS country FROM city GROUP BY 1 HAVING count(*) >= 50 ORDER BY md5(country_id)',
    tablecast: `query List($country: ID!) {
      cities(where: { countryId: { eq: $country } }, orderBy: [{ population: DESC }, { id: ASC }], first: 50) { ${ours} } }`,
    sql: `SELECT json_build_object('cities', coalesce(json_agg(json_build_object(${CITY_JSON})), '[]'))::text AS answer
      FROM (SELECT * FROM city WHERE country_id = $1 ORDER BY population DESC, id LIMIT 50) t`,
    postgraphile: {
      query: `query List($country: String!) {
        cities: allCitiesList(condition: { countryId: $country }, orderBy: [POPULATION_DESC, ROW_ID_ASC], first: 50) { ${theirs} } }`,
      toAnswer: same,
    },
  },
  {
    name: 'nested',
    title: '20 countries, each with its 10 largest cities',
    variables: 'SELECT skip FROM generate_series(0, 140, 10) skip',
    tablecast: `query Nested($skip: Int!) {
      countries(where: { area: { isNull: false } }, orderBy: [{ area: DESC }, { id: ASC }], first: 20, skip: $skip) {
        id name cities(orderBy: [{ population: DESC }, { id: ASC }], first: 10) { id name population timeZone } } }`,
    sql: `SELECT json_build_object('countries', coalesce(json_agg(json_build_object('id', id, 'name', name, 'cities', (
        SELECT coalesce(json_agg(json_build_object('id', id, 'name', name, 'population', population, 'timeZone', time_zone)), '[]')
        FROM (SELECT id, name, population, time_zone FROM city WHERE country_id = t.id ORDER BY population DESC, id LIMIT 10) c
      ))), '[]'))::text AS answer
      FROM (SELECT id, name FROM country WHERE area IS NOT NULL ORDER BY area DESC, id LIMIT 20 OFFSET $1) t`,
    postgraphile: {
      query: `query Nested($skip: Int!) {
        countries: allCountriesList(filter: { area: { isNull: false } }, orderBy: [AREA_DESC, ROW_ID_ASC], first: 20, offset: $skip) {
          id: rowId name cities: citiesByCountryIdList(orderBy: [POPULATION_DESC, ROW_ID_ASC], first: 10) { id: rowId name population timeZone } } }`,
      toAnswer: same,
    },
  },
  {
    name: 'page',
    title: 'A filtered page of 20 with its total: the larger cities of a country',
    variables:
      'SELECT country_id AS country FROM city GROUP BY 1 HAVING count(*) BETWEEN 200 AND 3000 ORDER BY md5(country_id)',
    tablecast: `query Page($country: ID!) {
      citiesConnection(where: { countryId: { eq: $country }, population: { gte: 5000 } }, orderBy: [{ population: DESC }, { id: ASC }], first: 20) {
        totalCount pageInfo { hasNextPage } nodes { id name population countryId } } }`,
    sql: `WITH matching AS MATERIALIZED (SELECT id, name, population, country_id FROM city WHERE country_id = $1 AND population >= 5000),
      page AS (SELECT * FROM matching ORDER BY population DESC, id LIMIT 20),
      total AS (SELECT count(*) AS n FROM matching)
      SELECT json_build_object('citiesConnection', json_build_object('totalCount', n, 'pageInfo', json_build_object('hasNextPage', n > 20), 'nodes',
        (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name, 'population', population, 'countryId', country_id)), '[]') FROM page)))::text AS answer
      FROM total`,
    postgraphile: {
      query: `query Page($country: String!) {
        citiesConnection: allCities(filter: { countryId: { equalTo: $country }, population: { greaterThanOrEqualTo: 5000 } }, orderBy: [POPULATION_DESC, ROW_ID_ASC], first: 20) {
          totalCount pageInfo { hasNextPage } nodes { id: rowId name population countryId } } }`,
      toAnswer: same,
    },
  },
  {
    name: 'aggregate',
    title: 'The cities of a country by kind: sum and maximum of their population',
    variables:
      'SELECT country_id AS country FROM city GROUP BY 1 HAVING count(*) BETWEEN 100 AND 1000 ORDER BY md5(country_id)',
    tablecast: `query Aggregate($country: ID!) {
      citiesAggregate(where: { countryId: { eq: $country } }, groupBy: [KIND]) { group { kind } sum { population } max { population } } }`,
    sql: `SELECT json_build_object('citiesAggregate', coalesce(json_agg(json_build_object(
        'group', json_build_object('kind', kind), 'sum', json_build_object('population', sum::text), 'max', json_build_object('population', max))
        ORDER BY array_position(ARRAY['CAPITAL', 'REGION_SEAT', 'DISTRICT_SEAT', 'TOWN', 'QUARTER', 'FORMER'], kind)), '[]'))::text AS answer
      FROM (SELECT kind, sum(population), max(population) FROM city WHERE country_id = $1 GROUP BY 1) t`,
    postgraphile: {
      query: `query Aggregate($country: String!) {
        cities: allCities(condition: { countryId: $country }) { groups: groupedAggregates(groupBy: [KIND]) { keys sum { population } max { population } } } }`,
      toAnswer: fromGroups,
    },
  },
];

interface Group {
  readonly keys: readonly string[];
  readonly sum: unknown;
  readonly max: unknown;
}

/** Groups in the order of the enum, with their key by its name. */
function fromGroups(data: Data): Data {
  const kinds = ['CAPITAL', 'REGION_SEAT', 'DISTRICT_SEAT', 'TOWN', 'QUARTER', 'FORMER'];
  const { groups } = data['cities'] as { groups: Group[] };
  const inOrder = [...groups].sort((a, b) => kinds.indexOf(a.keys[0] ?? '') - kinds.indexOf(b.keys[0] ?? ''));
  return { citiesAggregate: inOrder.map(({ keys: [kind], sum, max }) => ({ group: { kind }, sum, max })) };
}

/** The name of a case's operation, which is how the bare server knows it. */
export function operationName({ tablecast }: Case): string {
  return /^query (\w+)/.exec(tablecast)?.[1] ?? '';
}

/** The sets of variables of a case, in a fixed order. */
export async function readVariables(client: pg.ClientBase, { variables }: Case): Promise<Variables[]> {
  return (await client.query<Record<string, string | number>>(variables)).rows;
}

/** The body of a request of `server`. Every server gets the same variables. */
export function requestBody(one: Case, server: ServerName, variables: Variables): string {
  const query = server === 'postgraphile' ? one.postgraphile.query : one.tablecast;
  return JSON.stringify({ operationName: operationName(one), query, variables });
}
