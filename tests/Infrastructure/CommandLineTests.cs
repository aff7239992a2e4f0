using System.Text.Json;

namespace Signet.Tests.Infrastructure;

/// <summary>The commands of the built executable, each in a process of its own.</summary>
public abstract class CommandLineTests(bool onPostgres) : IAsyncLifetime
{
    private EmptyInstallation installation = null!; // made before each test

    public async ValueTask InitializeAsync() => installation = await EmptyInstallation.Make(onPostgres);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return installation.DisposeAsync();
    }

    [Fact]
    public async Task Asks_for_the_schema_makes_it_once_and_then_works()
    {
        var early = await Signet("users", "add", "--email", "ada@example.com");
        early.Code.ShouldBe(78);
        early.Errors.ShouldContain("signet db migrate");

        (await Signet("db", "migrate")).Output.ShouldContain("Initial");
        (await Signet("db", "migrate")).Output.Trim().ShouldBe("The database is up to date.");

        var added = await Signet("users", "add", "--email", "ada@example.com", "--role", "admin", "--json");
        added.Code.ShouldBe(0, added.Errors);
        Json(added).GetProperty("password").GetString()!.Length.ShouldBeGreaterThanOrEqualTo(20);

        var again = await Signet("users", "add", "--email", "ADA@example.com");
        (again.Code, again.Output).ShouldBe((1, ""));
        again.Errors.ShouldContain("already");

        var bad = await Signet("users", "add", "--email", "nobody", "--password", "short");
        bad.Code.ShouldBe(1);
        bad.Errors.ShouldContain("e-mail address");
        bad.Errors.ShouldContain("at least 12 characters");
    }

    [Fact]
    public async Task Leads_an_app_and_an_API_through_their_lives()
    {
        await Signet("db", "migrate");
        var api = Json(await Signet("apis", "add", "--name", "Notes", "--audience", "https://api.example.com/notes", "--scope", "notes.read notes.write", "--details-type", "share_note", "--json"));
        api.EnumerateObject().Select(member => member.Name).ShouldBe(["audience", "client_id", "client_secret", "resource_metadata"]);

        var added = await Signet(
            "apps", "add", "--name", "Shop", "--id", "shop", "--grant", "authorization_code", "--grant", "refresh_token",
            "--redirect-uri", "https://shop.example.com/cb", "--post-logout-redirect-uri", "https://shop.example.com/bye", "--scope", "openid", "--scope", "notes.read notes.write", "--json");
        added.Code.ShouldBe(0, added.Errors);
        Json(added).EnumerateObject().Select(member => member.Name).ShouldBe(["client_id", "client_secret"]);
        Json(added).GetProperty("client_id").GetString().ShouldBe("shop");

        var shown = Json(await Signet("apps", "show", "shop", "--json"));
        shown.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()).ShouldBe(["openid", "notes.read", "notes.write"]);
        shown.GetProperty("post_logout_redirect_uris")[0].GetString().ShouldBe("https://shop.example.com/bye");
        (await Signet("apps", "list")).Output.ShouldContain("shop  Shop  confidential");
        Json(await Signet("apps", "rotate-secret", "shop", "--json")).GetProperty("client_secret").GetString()!.ShouldStartWith("sgs_");
        (await Signet("apps", "disable", "shop")).Output.Trim().ShouldBe("shop is disabled.");
        (await Signet("apps", "remove", "shop")).Code.ShouldBe(0);

        var tv = await Signet("apps", "add", "--name", "TV", "--id", "tv", "--type", "public", "--grant", "urn:ietf:params:oauth:grant-type:device_code", "--grant", "refresh_token", "--json");
        tv.Code.ShouldBe(0, tv.Errors);
        Json(await Signet("apps", "show", "tv", "--json")).GetProperty("grant_types")[0].GetString().ShouldBe("urn:ietf:params:oauth:grant-type:device_code");
        (await Signet("apps", "add", "--name", "Bank", "--grant", "urn:openid:params:grant-type:ciba", "--scope", "openid")).Code.ShouldBe(0);

        var gone = await Signet("apps", "show", "shop");
        (gone.Code, gone.Output).ShouldBe((1, ""));
        gone.Errors.ShouldContain("no such app");
    }

    [Fact]
    public async Task Registers_an_app_that_has_keys_of_its_own_and_no_secret()
    {
        await Signet("db", "migrate");

        var added = await Signet("apps", "add", "--name", "Robot", "--id", "robot", "--grant", "client_credentials", "--auth-method", "private_key_jwt", "--jwks-uri", "https://robot.example.com/jwks", "--json");
        added.Code.ShouldBe(0, added.Errors);
        Json(added).EnumerateObject().Select(member => member.Name).ShouldBe(["client_id"]);

        (await Signet("apps", "rotate-secret", "robot")).Errors.ShouldContain("has no secret");
        var keyless = await Signet("apps", "add", "--name", "Robot", "--grant", "client_credentials", "--auth-method", "private_key_jwt");
        keyless.Code.ShouldBe(1);
        keyless.Errors.ShouldContain("jwks");
    }

    [Fact]
    public async Task Makes_keys_and_says_when_the_next_ones_take_over()
    {
        await Signet("db", "migrate");
        (await Signet("doctor")).Code.ShouldBe(0); // the schema comes with its first keys

        Json(await Signet("keys", "rotate", "--json")).GetProperty("from").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UtcNow);

        var keys = Json(await Signet("keys", "list", "--json")).EnumerateArray().Select(key => (key.GetProperty("algorithm").GetString(), key.GetProperty("state").GetString())).ToArray();
        keys.ShouldBe([.. new[] { "ES256", "EdDSA", "PS256", "RS256" }.SelectMany(algorithm => new[] { (algorithm, "next"), (algorithm, "active") })]);
        var healthy = await Signet("doctor");
        healthy.Code.ShouldBe(0, healthy.Output + healthy.Errors);
    }

    private Task<SignetProcess.Ended> Signet(params string[] arguments) => SignetProcess.Run(installation.Settings, arguments);

    private static JsonElement Json(SignetProcess.Ended ended) => JsonDocument.Parse(ended.Output.Length > 0 ? ended.Output : throw new InvalidOperationException(ended.Errors)).RootElement;

    public sealed class OnPostgres() : CommandLineTests(onPostgres: true);

    public sealed class OnSqlite() : CommandLineTests(onPostgres: false);
}
