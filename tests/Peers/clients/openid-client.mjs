// What an app does with openid-client, as its documentation shows it.
import * as client from 'openid-client';

const options = { execute: [client.enableNonRepudiationChecks] };

/** The app as somebody registered it. */
export async function open(issuer, app) {
  const { metadata, secret, key } = app;
  const auth = secret ? client.ClientSecretBasic(secret) : key ? client.PrivateKeyJwt(key) : client.None();
  return act(await client.discovery(new URL(issuer), metadata.client_id, metadata, auth, options), app);
}

/** The same app, which registers itself. */
export async function register(issuer, app, metadata, initialAccessToken) {
  const auth = app.secret ? client.ClientSecretBasic() : app.key ? client.PrivateKeyJwt(app.key) : client.None();
  return act(await client.dynamicClientRegistration(new URL(issuer), metadata, auth, { ...options, initialAccessToken }), app);
}

async function act(config, { isPushed, isBound }) {
  const metadata = config.clientMetadata();
  const DPoP = isBound ? client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) : undefined;

  const withClaims = (tokens) => ({ ...tokens, claims: tokens.claims() });

  return {
    metadata,

    async authorize(person, scope) {
      const [pkceCodeVerifier, expectedState, expectedNonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
      const parameters = {
        redirect_uri: metadata.redirect_uris[0], scope, state: expectedState, nonce: expectedNonce,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
      };
      if (DPoP && !isPushed) parameters.dpop_jkt = await DPoP.calculateThumbprint();
      const to = isPushed ? await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP }) : client.buildAuthorizationUrl(config, parameters);
      return withClaims(await client.authorizationCodeGrant(
        config, await person.allow(to), { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }, undefined, { DPoP }));
    },

    userInfo: (accessToken, subject) => client.fetchUserInfo(config, accessToken, subject, { DPoP }),

    refresh: async (refreshToken) => withClaims(await client.refreshTokenGrant(config, refreshToken, undefined, { DPoP })),

    clientCredentials: (scope) => client.clientCredentialsGrant(config, { scope }, { DPoP }),

    async device(person, scope) {
      const asked = await client.initiateDeviceAuthorization(config, { scope });
      const [tokens] = await Promise.all([client.pollDeviceAuthorizationGrant(config, asked, undefined, { DPoP }), person.allowDevice(asked)]);
      return withClaims(tokens);
    },

    introspect: (token) => client.tokenIntrospection(config, token),

    revoke: (token) => client.tokenRevocation(config, token),

    /** RFC 7592, with the token that the registration gave. */
    manage: (method, body) => client.fetchProtectedResource(
      config, metadata.registration_access_token, new URL(metadata.registration_client_uri), method, body && JSON.stringify(body),
      new Headers({ accept: 'application/json', ...(body && { 'content-type': 'application/json' }) })),
  };
}
