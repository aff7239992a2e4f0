// A real OpenID provider (node oidc-provider) for Signet to sign in at: see README.md beside this file.
import { createServer } from 'node:http';
import { CompactSign, SignJWT, UnsecuredJWT, base64url, decodeJwt, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import Provider, { interactionPolicy } from 'oidc-provider';

const port = Number(process.argv[2] ?? process.env.PEER_PORT ?? 0);
const redirectUris = new Set((process.env.PEER_REDIRECT_URI ?? 'http://localhost:5080/signin-peer').split(','));
const accounts = new Map();
let mode = 'none';

// --- the keys, and the ways to spoil an ID token -------------------------------------------------

const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
const header = { alg: 'RS256', kid: 'peer-1' };

const sign = (claims) => new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
const hourAgo = () => Math.floor(Date.now() / 1000) - 3600;

/** Each is odd and good all the same. */
const oddities = {
  'aud-in-a-list': (claims) => sign({ ...claims, aud: [claims.aud] }),
  'no-kid': (claims) => new SignJWT(claims).setProtectedHeader({ alg: header.alg }).sign(privateKey),
};

/** Each makes a token with exactly one defect: where the defect is a claim, the signature is the provider's own. */
const defects = {
  'wrong-iss': (claims) => sign({ ...claims, iss: 'https://impostor.example' }),
  'wrong-aud': (claims) => sign({ ...claims, aud: 'someone-else' }),
  'wrong-nonce': (claims) => sign({ ...claims, nonce: 'not-the-nonce-that-was-sent' }),
  'no-nonce': ({ nonce, ...claims }) => sign(claims),
  'no-aud': ({ aud, ...claims }) => sign(claims),
  'no-iat': ({ iat, ...claims }) => sign(claims),
  'no-sub': ({ sub, ...claims }) => sign(claims),
  expired: (claims) => sign({ ...claims, iat: hourAgo() - 60, exp: hourAgo() }),
  'alg-none': (claims) => new UnsecuredJWT(claims).encode(),
  'bad-signature': (claims, token) => {
    const [head, body, signature] = token.split('.');
    const bytes = base64url.decode(signature);
    bytes[0] ^= 1;
    return [head, body, base64url.encode(bytes)].join('.');
  },
  // HMAC, with the public key as the secret, under the key's own id
  'hmac-with-public-key': async (claims) =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'HS256', kid: header.kid })
      .sign(new TextEncoder().encode(await exportSPKI(publicKey))),
};

// --- the provider --------------------------------------------------------------------------------

const server = createServer();
await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

// Every authorization asks who it is, whoever signed in before in the same browser.
const policy = interactionPolicy.base();
policy.get('login').checks.add(
  new interactionPolicy.Check('always', 'Each authorization asks for the account', (ctx) => !ctx.oidc.result?.login),
);

const provider = new Provider(issuer, {
  clients: [{
    client_id: process.env.PEER_CLIENT_ID ?? 'signet',
    client_secret: process.env.PEER_CLIENT_SECRET ?? 'peer-secret',
    redirect_uris: [...redirectUris],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: process.env.PEER_CLIENT_AUTH ?? 'client_secret_post',
  }],
  jwks: { keys: [{ ...(await exportJWK(privateKey)), ...header, use: 'sig' }] },
  scopes: ['openid', 'email', 'profile'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: false, // the claims of email and profile are in the ID token too
  pkce: { required: () => false },
  cookies: { keys: ['a test has no secrets'] },
  features: { devInteractions: { enabled: false } },
  interactions: { policy, url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  findAccount: (ctx, sub) => accounts.has(sub) && { accountId: sub, claims: () => ({ sub, ...accounts.get(sub) }) },
  async loadExistingGrant(ctx) { // whoever signs in has consented
    const { client, session } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
});

provider.Client.prototype.redirectUriAllowed = (uri) => redirectUris.has(uri);

provider.use(async (ctx, next) => {
  await next();
  const token = ctx.oidc?.route === 'token' && ctx.body?.id_token;
  const spoil = defects[mode] ?? oddities[mode];
  if (token && spoil) ctx.body.id_token = await spoil(decodeJwt(token), token);
  if (mode === 'other-userinfo' && ctx.oidc?.route === 'userinfo') ctx.body = { ...ctx.body, sub: 'somebody-else' };
});

provider.on('server_error', (ctx, error) => console.error(error));

// --- what people and tests ask of it -------------------------------------------------------------

const body = async (request) => (await request.setEncoding('utf8').toArray()).join('');

const answer = (response, status, text = '', type = 'text/plain') =>
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-store' }).end(text);

const page = (message) => `<!doctype html><html lang="en"><title>Peer</title><h1>Sign in at Peer</h1><p>${message}</p>
<form method="post"><label>Login <input name="login" autocomplete="username" autofocus required></label>
<button>Sign in</button></form></html>`;

async function interact(request, response) {
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') return answer(response, 200, page('Who are you?'), 'text/html');

  const login = new URLSearchParams(await body(request)).get('login') ?? '';
  if (!accounts.has(login)) return answer(response, 422, page('There is no such account.'), 'text/html');
  return provider.interactionFinished(request, response, { login: { accountId: login }, consent: {} });
}

async function control(request, response, path) {
  const value = request.method === 'PUT' ? JSON.parse(await body(request)) : undefined;
  const [what, name] = path.split('/').map(decodeURIComponent);
  if (request.method === 'GET' && !what) {
    return answer(response, 200, JSON.stringify({ mode, redirectUris: [...redirectUris], accounts: Object.fromEntries(accounts) }), 'application/json');
  } else if (value && what === 'accounts' && name) {
    accounts.set(name, value);
  } else if (value && what === 'misbehave' && (['none', 'other-userinfo'].includes(value.mode) || Object.hasOwn(defects, value.mode) || Object.hasOwn(oddities, value.mode))) {
    mode = value.mode;
  } else if (Array.isArray(value) && what === 'redirect-uris') {
    redirectUris.clear();
    value.forEach((uri) => redirectUris.add(uri));
  } else if (request.method === 'POST' && what === 'reset') {
    accounts.clear();
    mode = 'none';
  } else {
    return answer(response, 400, `The control endpoint knows no such thing. Modes: none, other-userinfo, ${Object.keys({ ...defects, ...oddities }).join(', ')}.\n`);
  }
  return answer(response, 204);
}

const serve = provider.callback();

server.on('request', async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  try {
    if (pathname.startsWith('/control/')) await control(request, response, pathname.slice('/control/'.length));
    else if (pathname.startsWith('/interaction/')) await interact(request, response);
    else serve(request, response);
  } catch (error) {
    answer(response, 400, `${error.message}\n`);
  }
});

process.stdin.resume().on('close', () => process.exit()).on('end', () => process.exit()).on('error', () => process.exit());
console.log(`listening ${issuer}`);
