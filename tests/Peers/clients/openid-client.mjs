// What an app does with openid-client, as its documentation shows it.
import * as client from 'openid-client';

export async function open(issuer, { metadata, secret, key, isPushed, isBound }) {
  const auth = secret ? client.ClientSecretBasic(secret) : key ? client.PrivateKeyJwt(key) : client.None();
  const config = await client.discovery(new URL(issuer), metadata.client_id, metadata, auth, { execute: [client.enableNonRepudiationChecks] });
  const DPoP = isBound ? client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) : undefined;

  const withClaims = (tokens) => ({ ...tokens, claims: tokens.claims() });

  return {
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
  };
}
