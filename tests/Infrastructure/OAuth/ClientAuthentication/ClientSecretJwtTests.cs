using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.OAuth;
using Signet.Tests.Features.RegisterApp;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>Clients that sign with their secret, OpenID Connect Core §9, from their registration on.</summary>
public sealed class ClientSecretJwtTests(PostgresSite site) : AppsTest(site)
{
    private const string Url = "/api/v1/apps";

    [Fact]
    public async Task The_secret_is_kept_sealed_and_signs_and_shows_nothing()
    {
        using var http = await Program(await AddUser(), "apps.write");
        var (id, secret) = await Register(http);

        (await Ask(id, secret)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Ask(id, secret + "x")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Ask(id, secret, alg: "HS512")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await PostAs(Site.Browser(), id, secret, "/oauth/token", ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Post(Site.Browser(), "/oauth/token", ("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        (await (await http.GetAsync($"{Url}/{id}", Ct)).Content.ReadAsStringAsync(Ct)).ShouldNotContain(secret);
        (await ((PostgresSite)Site).Dump(Ct)).ShouldNotContain(secret);
        (await Site.InDatabase(db => db.ClientSecrets.SingleAsync(Ct))).Sealed!.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)).ShouldBe(-1);
    }

    [Fact]
    public async Task A_second_secret_signs_beside_the_first()
    {
        using var http = await Program(await AddUser(), "apps.write");
        var (id, first) = await Register(http);

        var second = (await Json(await http.PostAsync($"{Url}/{id}/secrets", null, Ct))).GetProperty("client_secret").GetString()!;

        (await Ask(id, first)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Ask(id, second)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Site.Clock.Advance(TimeSpan.FromMinutes(1));
        await Site.InDatabase(db => db.ClientSecrets.ExecuteUpdateAsync(set => set.SetProperty(known => known.ExpiresAt, Site.Clock.GetUtcNow()), Ct));
        Forget();
        (await Ask(id, second)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_kept_secret_goes_with_the_method_and_comes_with_the_next_secret()
    {
        using var http = await Program(await AddUser(), "apps.write");
        var (id, secret) = await Register(http);

        (await http.PatchAsync($"{Url}/{id}", Body("""{"token_endpoint_auth_method":"client_secret_basic"}"""), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Site.InDatabase(db => db.ClientSecrets.SingleAsync(Ct))).Sealed.ShouldBeNull();
        (await PostAs(Site.Browser(), id, secret, "/oauth/token", ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await http.PatchAsync($"{Url}/{id}", Body("""{"token_endpoint_auth_method":"client_secret_jwt"}"""), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Ask(id, secret)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var next = (await Json(await http.PostAsync($"{Url}/{id}/secrets", null, Ct))).GetProperty("client_secret").GetString()!;
        (await Ask(id, next)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_short_secret_of_ones_own_is_refused()
    {
        using var http = await Program(await AddUser(isAdmin: true), "apps.write admin");
        foreach (var secret in new[] { "secret12", "your-256-bit-secret", new string('x', 31) })
        {
            var refused = await PostJson(http, Url, Machine(new { client_secret = secret }));
            (await Json(refused)).GetProperty("errors").GetProperty("client_secret").ToString().ShouldContain("32 characters", customMessage: secret);
        }

        (await PostJson(http, Url, Machine(new { client_secret = "0hMz7 kJ2bQ9 wX4nT6 pL1vC8 rD5sF3" }))).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    private static Dictionary<string, object> Machine(object more) => new[] { (object)new { client_name = "Robot", kind = "machine", grant_types = Grants, token_endpoint_auth_method = "client_secret_jwt" }, more }
        .SelectMany(part => part.GetType().GetProperties().Select(property => (property.Name, Value: property.GetValue(part)!))).ToDictionary(pair => pair.Name, pair => pair.Value);

    private static readonly string[] Grants = ["client_credentials"];

    private static async Task<(string Id, string Secret)> Register(HttpClient http)
    {
        var made = await Json(await PostJson(http, Url, Machine(new { token_endpoint_auth_signing_alg = "HS256" })));
        return (made.GetProperty("client_id").GetString()!, made.GetProperty("client_secret").GetString()!);
    }

    private Task<HttpResponseMessage> Ask(string id, string secret, string alg = "HS256")
    {
        var now = Site.Clock.GetUtcNow().ToUnixTimeSeconds();
        var claims = $$"""{"iss":"{{id}}","sub":"{{id}}","aud":"{{Site.Issuer}}","exp":{{now + 60}},"jti":"{{Guid.NewGuid():N}}"}""";
        return AssertionTest.Ask(Site.Browser(), AssertionTest.Sign($$"""{"alg":"{{alg}}"}""", claims, Encoding.UTF8.GetBytes(secret)));
    }

    private void Forget() => ((ClientDirectory)Site.Services.GetService(typeof(ClientDirectory))!).Forget();
}
