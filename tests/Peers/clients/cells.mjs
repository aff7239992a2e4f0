// What each cell of the matrix does, whichever library does it.
import assert from 'node:assert/strict';

const Scope = 'openid email offline_access notes.read';

/** Told what came, with the token's type as the mode demands. */
const shouldBeTokens = (tokens, { isBound }) => {
  assert.equal(tokens.token_type, isBound ? 'dpop' : 'bearer');
  assert.ok(tokens.access_token && tokens.expires_in > 0);
};

export const cells = {
  async code({ app, library, person, email, api }) {
    const tokens = await library.authorize(person, Scope);
    shouldBeTokens(tokens, app);
    assert.equal(tokens.claims.aud, app.metadata.client_id);
    const told = await library.userInfo(tokens.access_token, tokens.claims.sub);
    assert.equal(told.email, email);
    const read = await library.checkAtApi?.(tokens.access_token, api.audience);
    assert.equal(read?.sub ?? tokens.claims.sub, tokens.claims.sub);
  },

  async refresh({ app, library, person }) {
    const before = await library.authorize(person, Scope);
    const after = await library.refresh(before.refresh_token);
    shouldBeTokens(after, app);
    assert.equal(after.claims.sub, before.claims.sub);
    assert.notEqual(after.access_token, before.access_token);
    await library.userInfo(after.access_token, before.claims.sub);
    await library.refresh(after.refresh_token);
  },

  async 'client credentials'({ app, library, api }) {
    if (!app.isConfidential) return false;
    const tokens = await library.clientCredentials('notes.read');
    shouldBeTokens(tokens, app);
    assert.equal(tokens.scope, 'notes.read');
    await library.checkAtApi?.(tokens.access_token, api.audience);
  },

  async device({ app, library, person, email }) {
    const tokens = await library.device(person, Scope);
    shouldBeTokens(tokens, app);
    assert.equal((await library.userInfo(tokens.access_token, tokens.claims.sub)).email, email);
    shouldBeTokens(await library.refresh(tokens.refresh_token), app);
  },

  async introspection({ app, library, person, atApi }) {
    const tokens = await library.authorize(person, Scope);
    const askers = app.isConfidential ? [library, atApi] : [atApi]; // a public app cannot prove who asks
    for (const asker of askers) {
      const answer = await asker.introspect(tokens.access_token);
      assert.equal(answer.active, true);
      assert.equal(answer.client_id, app.metadata.client_id);
      assert.equal(answer.sub, tokens.claims.sub);
      assert.equal(Boolean(answer.cnf?.jkt), app.isBound);
      assert.deepEqual(await asker.introspect('nonsense'), { active: false });
    }
  },

  async revocation({ library, person, atApi }) {
    const tokens = await library.authorize(person, Scope);
    await library.revoke(tokens.access_token);
    assert.deepEqual(await atApi.introspect(tokens.access_token), { active: false });
    await assert.rejects(library.userInfo(tokens.access_token, tokens.claims.sub), { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE', status: 401 });
    await library.revoke(tokens.refresh_token);
    await assert.rejects(library.refresh(tokens.refresh_token), { code: 'OAUTH_RESPONSE_BODY_ERROR', error: 'invalid_grant' });
    await library.revoke('nonsense');
  },
};
