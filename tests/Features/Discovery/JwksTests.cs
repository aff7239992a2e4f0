namespace Signet.Tests.Features.Discovery;

/// <summary>The key set, RFC 7517.</summary>
public abstract class JwksTests(Site site) : SliceTest(site)
{
    [Fact]
    public async Task Publishes_public_members_only()
    {
        var keys = (await Json(await Site.Browser().GetAsync("/.well-known/jwks.json", Ct))).GetProperty("keys").EnumerateArray().ToArray();

        keys.Length.ShouldBeGreaterThanOrEqualTo(4);
        keys.SelectMany(key => key.EnumerateObject()).Select(member => member.Name).Distinct()
            .ShouldBe(["kty", "use", "alg", "kid", "crv", "x", "y", "n", "e"], ignoreOrder: true);
        keys.Select(key => key.GetProperty("kid").GetString()).ShouldBeUnique();
    }

    [Theory] // clients of OpenIddict ask for JSON alone, and refuse a set with a key that they do not know
    [InlineData("application/json", false)]
    [InlineData("application/json, application/jwk-set+json", true)]
    [InlineData("application/json, text/plain, */*", true)]
    [InlineData("*/*", true)]
    [InlineData(null, true)]
    public async Task Who_takes_plain_json_alone_gets_keys_of_the_types_that_everybody_knows(string? accept, bool hasAll)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/.well-known/jwks.json");
        if (accept is not null)
            request.Headers.Add("Accept", accept);

        var answer = await Site.Browser().SendAsync(request, Ct);

        answer.Headers.Vary.ShouldContain("Accept");
        (await Json(answer)).GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kty").GetString()).Distinct()
            .ShouldBe(hasAll ? ["EC", "OKP", "RSA"] : ["EC", "RSA"], ignoreOrder: true);
    }

    public sealed class OnPostgres(PostgresSite site) : JwksTests(site);

    public sealed class OnSqlite(SqliteSite site) : JwksTests(site);
}
