// Runs every cell for every app with one library, all at once, and says how each ended in a line of JSON.
//   node run.mjs LIBRARY < question.json
import { text } from 'node:stream/consumers';
import assert from 'node:assert/strict';
import { importJWK } from 'jose';
import { cells } from './cells.mjs';
import { Person } from './person.mjs';

const { open } = await import(`./${process.argv[2]}.mjs`);
const { issuer, demandsNonces, api, apps, people } = JSON.parse(await text(process.stdin));

for (const one of people) {
  one.person = new Person(issuer);
  await one.person.signIn(one.email, one.password);
}

const atApi = await open(issuer, api);
const tell = (app, cell, error) =>
  console.log(JSON.stringify({ app: app.name, cell, error: error && `${error.stack} ${JSON.stringify(error.cause ?? null)}` }));

await Promise.all(apps.map(async (app, i) => {
  const { email, person } = people[i % people.length];
  const key = app.key && { key: await importJWK(app.key, app.key.alg), kid: app.key.kid };
  const library = await open(issuer, { ...app, key });
  await Promise.all(Object.entries(cells).map(async ([name, run]) => {
    try {
      if ((await run({ app, library, person, email, api, atApi })) !== false) tell(app, name);
    } catch (error) {
      tell(app, name, error);
    }
  }));
  if (library.hasMetNonces) assert.equal(library.hasMetNonces(), demandsNonces && app.isBound);
}));
