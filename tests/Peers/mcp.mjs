// An MCP client as the official SDK makes it: from an API's 401 to an answer, knowing nothing but the API's address.
// Reads {"api":…,"document":…|null} from its first line; prints the address to send a browser to, and in the end what it got.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { auth, extractWWWAuthenticateParams } from '@modelcontextprotocol/sdk/client/auth.js';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { api, document } = JSON.parse((await lines.next()).value);
const print = (what) => console.log(JSON.stringify(what));

// Where the browser comes back to: a free port of this machine.
let cameBack;
const back = new Promise((resolve) => { cameBack = resolve; });
const listener = createServer((request, response) => {
  cameBack(new URL(request.url, 'http://127.0.0.1').searchParams);
  response.end('You may close this window.');
});
await new Promise((ready) => listener.listen(0, '127.0.0.1', ready));
const redirectUrl = `http://127.0.0.1:${listener.address().port}/callback`;

let client, tokens, verifier;
const provider = {
  redirectUrl,
  clientMetadataUrl: document ?? undefined,
  clientMetadata: {
    client_name: 'MCP client',
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  state: () => 'state-of-this-client',
  clientInformation: () => client,
  saveClientInformation: (information) => { client = information; },
  tokens: () => tokens,
  saveTokens: (saved) => { tokens = saved; },
  codeVerifier: () => verifier,
  saveCodeVerifier: (saved) => { verifier = saved; },
  redirectToAuthorization: (url) => print({ authorize: url.href }),
};

const ask = () => fetch(api, tokens && { headers: { authorization: `Bearer ${tokens.access_token}` } });

const refused = await ask();
const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(refused);
const first = await auth(provider, { serverUrl: api, resourceMetadataUrl, scope });
const answer = await back;
listener.close();
const second = await auth(provider, { serverUrl: api, resourceMetadataUrl, scope, authorizationCode: answer.get('code') });
const read = await ask();
const { access_token: before } = tokens;
const third = await auth(provider, { serverUrl: api, resourceMetadataUrl, scope }); // with the refresh token
const again = await ask();
print({
  refused: refused.status,
  results: [first, second, third],
  state: answer.get('state'),
  client: client.client_id,
  scope: tokens.scope,
  renewed: tokens.access_token !== before,
  read: { status: read.status, body: await read.text() },
  again: again.status,
});
