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

    public sealed class OnPostgres(PostgresSite site) : JwksTests(site);

    public sealed class OnSqlite(SqliteSite site) : JwksTests(site);
}
