// @dnum-mi/ds-api-client, two ways. `page`: the plain call, which gives the first hundred dossiers, and at night
// the call that takes a date. `each`: the numbers with their cursors, by date at night, then each dossier.
// Arguments: the way, then those of every client.
const { DsApiClient } = require("@dnum-mi/ds-api-client");

const CRA = 82349;
const [way, url, , phase, last] = process.argv.slice(2);
const since = phase === "night" ? new Date(last) : undefined;
const client = new DsApiClient(`${url}/api/v2/graphql`, "x");

async function pullPage() {
  const answer = since
    ? await client.demarcheDossierWithCustomChamp(CRA, since)
    : await client.demarcheDossiers(CRA);
  return answer.demarche.dossiers.nodes;
}

async function pullEach() {
  const dossiers = [];
  let after;
  for (let more = true; more; ) {
    const page = (await client.demarcheDossierIds(CRA, since, 100, after)).demarche.dossiers;
    for (const { number } of page.nodes) dossiers.push((await client.dossier(number)).dossier);
    more = page.pageInfo.hasNextPage;
    after = page.pageInfo.endCursor;
  }
  return dossiers;
}

async function main() {
  const started = performance.now();
  const dossiers = await (way === "page" ? pullPage() : pullEach());
  const seconds = (performance.now() - started) / 1000;
  const changed = dossiers.filter((dossier) => JSON.stringify(dossier).includes("(version 2)")).length;
  const numbers = new Set(dossiers.map((dossier) => dossier.number));
  console.log(JSON.stringify({ seconds, dossiers: numbers.size, changed }));
}

main();
