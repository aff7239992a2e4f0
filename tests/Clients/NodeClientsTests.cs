namespace Signet.Tests.Clients;

/// <summary>
/// Apps of Node with <c>oauth4webapi</c> and <c>openid-client</c>, as they come from npm: a confidential app with a secret, one with a
/// key and a public one, each plain, with pushed requests, with DPoP and with both; each gets tokens by code, refresh, client
/// credentials and device, has them introspected and gives them back.
/// </summary>
[Collection(ClientsSite.Collection)]
public sealed class NodeClientsTests(ClientsSite site) : NodeClientsTest(site)
{
    [Theory]
    [InlineData("oauth4webapi")]
    [InlineData("openid-client")]
    public async Task Every_app_gets_its_tokens(string library) =>
        await ShouldSucceed(library, demandsNonces: false, [.. from mode in Mode.All from kind in Kinds select (mode, kind)]);
}

/// <summary>The same apps where DPoP proofs must carry a nonce, which they are told by being refused once.</summary>
public sealed class NodeClientsWithNoncesTests(NonceSite site) : NodeClientsTest(site), IClassFixture<NonceSite>
{
    [Theory]
    [InlineData("oauth4webapi")]
    [InlineData("openid-client")]
    public async Task Every_app_gets_its_tokens_with_a_nonce(string library) =>
        await ShouldSucceed(library, demandsNonces: true, [.. from mode in Mode.All where mode.IsBound from kind in Kinds select (mode, kind)]);
}
