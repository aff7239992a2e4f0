// What an app does with oauth4webapi, as its documentation shows it.
import * as oauth from 'oauth4webapi';

const discover = async (issuer) => {
  const identifier = new URL(issuer);
  return oauth.processDiscoveryResponse(identifier, await oauth.discoveryRequest(identifier, { algorithm: 'oidc' }));
};

/** The app as somebody registered it. */
export const open = async (issuer, app) => act(await discover(issuer), app.metadata, app);

/** The same app, which registers itself. */
export async function register(issuer, app, metadata, initialAccessToken) {
  const as = await discover(issuer);
  const client = await oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(as, metadata, { initialAccessToken }));
  return act(as, client, { ...app, secret: client.client_secret });
}

async function act(as, client, { secret, key, isPushed, isBound }) {
  const auth = secret ? oauth.ClientSecretBasic(secret) : key ? oauth.PrivateKeyJwt(key) : oauth.None();
  const DPoP = isBound ? oauth.DPoP(client, await oauth.generateKeyPair(secret ? 'ES256' : 'Ed25519')) : undefined;
  let nonces = 0;

  // The library leaves to its caller that a request is sent again with the nonce that the server has offered.
  const send = async (request, read) => {
    try {
      return await read(await request());
    } catch (error) {
      if (!DPoP || !oauth.isDPoPNonceError(error)) throw error;
      nonces++;
      return read(await request());
    }
  };

  const signed = async (request, read) => {
    let response;
    const tokens = await send(async () => (response = await request()), read);
    if (tokens.id_token) await oauth.validateApplicationLevelSignature(as, response);
    return { ...tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
  };

  return {
    metadata: client,

    hasMetNonces: () => nonces > 0,

    async authorize(person, scope) {
      const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
      const [redirect_uri] = client.redirect_uris;
      let query = new URLSearchParams({
        client_id: client.client_id, redirect_uri, response_type: 'code', scope, state, nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
      });
      if (isPushed) {
        const { request_uri } = await send(
          () => oauth.pushedAuthorizationRequest(as, client, auth, query, { DPoP }),
          (response) => oauth.processPushedAuthorizationResponse(as, client, response));
        query = new URLSearchParams({ client_id: client.client_id, request_uri });
      } else if (DPoP) {
        query.set('dpop_jkt', await DPoP.calculateThumbprint());
      }

      const answer = oauth.validateAuthResponse(as, client, await person.allow(`${as.authorization_endpoint}?${query}`), state);
      return signed(
        () => oauth.authorizationCodeGrantRequest(as, client, auth, answer, redirect_uri, verifier, { DPoP }),
        (response) => oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: nonce, requireIdToken: true }));
    },

    userInfo: (accessToken, subject) => send(
      () => oauth.userInfoRequest(as, client, accessToken, { DPoP }),
      (response) => oauth.processUserInfoResponse(as, client, subject, response)),

    refresh: (refreshToken) => signed(
      () => oauth.refreshTokenGrantRequest(as, client, auth, refreshToken, { DPoP }),
      (response) => oauth.processRefreshTokenResponse(as, client, response)),

    clientCredentials: (scope) => send(
      () => oauth.clientCredentialsGrantRequest(as, client, auth, { scope }, { DPoP }),
      (response) => oauth.processClientCredentialsResponse(as, client, response)),

    async device(person, scope) {
      const asked = await oauth.processDeviceAuthorizationResponse(
        as, client, await oauth.deviceAuthorizationRequest(as, client, auth, { scope }));
      await person.allowDevice(asked);
      return signed(
        () => oauth.deviceCodeGrantRequest(as, client, auth, asked.device_code, { DPoP }),
        (response) => oauth.processDeviceCodeResponse(as, client, response));
    },

    async introspect(token) {
      const response = await oauth.introspectionRequest(as, client, auth, token);
      const answer = await oauth.processIntrospectionResponse(as, client, response);
      if (client.introspection_signed_response_alg) await oauth.validateApplicationLevelSignature(as, response);
      return answer;
    },

    revoke: async (token) => oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, token)),

    /** RFC 7592, with the token that the registration gave. */
    manage: (method, body) => oauth.protectedResourceRequest(
      client.registration_access_token, method, new URL(client.registration_client_uri),
      new Headers({ accept: 'application/json', ...(body && { 'content-type': 'application/json' }) }), body && JSON.stringify(body)),

    /** What an API does that checks tokens with this library: it gets the app's request and tells what the token says. */
    async checkAtApi(accessToken, audience) {
      let claims;
      await oauth.protectedResourceRequest(accessToken, 'GET', new URL(audience), undefined, undefined, {
        DPoP,
        async [oauth.customFetch](url, request) {
          claims = await oauth.validateJwtAccessToken(as, new Request(url, request), audience, { requireDPoP: isBound });
          return new Response();
        },
      });
      return claims;
    },
  };
}
