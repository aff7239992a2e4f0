using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.RegisterClient;

/// <summary>What others vouch for about an app's software, RFC 7591 §2.3.</summary>
public sealed class SoftwareStatementTests(PostgresSite site, OpenRegistration open) : RegistrationTest(site, open)
{
    [Fact] // §3.1.1, §3.2.1
    public async Task Wins_over_what_the_app_says_and_comes_back_as_it_was_sent()
    {
        var statement = Open.Voucher.Sign(Claims(("client_name", "Vouched Reader"), ("software_id", "reader"), ("redirect_uris", new JsonArray("https://app.test/cb"))));

        var made = await Registered(new { client_name = "Google", software_id = "other", redirect_uris = new[] { "https://evil.test/cb" }, software_version = "2", software_statement = statement });
        var read = await Json(await Manage(made, HttpMethod.Get));
        var replaced = await Json(await Manage(made, HttpMethod.Put, new { client_id = Text(made, "client_id"), client_name = "Google", redirect_uris = Callback }));

        Text(made, "client_name").ShouldBe("Vouched Reader");
        Text(made, "software_id").ShouldBe("reader");
        Text(made, "software_version").ShouldBe("2");
        Texts(made, "redirect_uris").ShouldBe(Callback);
        Text(made, "software_statement").ShouldBe(statement);
        Text(read, "software_statement").ShouldBe(statement);
        made.TryGetProperty("iss", out _).ShouldBeFalse();
        replaced.TryGetProperty("software_statement", out _).ShouldBeFalse(); // nobody vouches for what it says now
        (await Stored(made)).IsUnverified.ShouldBeTrue();
    }

    [Fact]
    public async Task Is_refused_when_it_is_nobodys_that_is_trusted_here() =>
        await ShouldBeRefused(await Register(new { redirect_uris = Callback, software_statement = Open.Voucher.Sign(Claims(("iss", "https://else.test"))) }), "unapproved_software_statement");

    [Fact]
    public async Task Is_refused_when_it_cannot_be_believed()
    {
        var now = Site.Clock.GetUtcNow().ToUnixTimeSeconds();
        (string What, object? Statement)[] statements =
        [
            ("another's key", new AppKey().Sign(Claims())),
            ("no signature", AppKey.Unsigned(Claims())),
            ("changed", Open.Voucher.Sign(Claims()).Replace('.', '-')),
            ("expired", Open.Voucher.Sign(Claims(("exp", now - 1)))),
            ("no time", Open.Voucher.Sign(Claims(("exp", "soon")))),
            ("not yet", Open.Voucher.Sign(Claims(("nbf", now + 3600)))),
            ("of the future", Open.Voucher.Sign(Claims(("iat", now + 3600)))),
            ("for another server", Open.Voucher.Sign(Claims(("aud", "https://else.test")))),
            ("no text", 7),
            ("no JWT", "x"),
        ];

        foreach (var (what, statement) in statements)
        {
            var refused = await Register(new { redirect_uris = Callback, software_statement = statement });
            Text(await Json(refused), "error").ShouldBe("invalid_software_statement", what);
        }

        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
        await Registered(new { redirect_uris = Callback, software_statement = Open.Voucher.Sign(Claims(("exp", now + 60), ("aud", Tests.Site.Issuer))) });
    }

    [Fact]
    public async Task Can_be_demanded_and_its_keys_be_fetched()
    {
        Open.Outside.AnswerJson("/keys", Open.Voucher.Jwks.GetRawText());
        await using var strict = Site.WithWebHostBuilder(host =>
        {
            host.UseSetting("Signet:Registration:Dynamic", "Open");
            host.UseSetting("Signet:Registration:RequireSoftwareStatement", "true");
            host.UseSetting("Signet:Registration:SoftwareStatements:0:Issuer", "https://vouch.test");
            host.UseSetting("Signet:Registration:SoftwareStatements:0:JwksUri", Open.Outside.Url("/keys"));
            host.Reach(Open.Outside);
        });
        using var program = OpenRegistration.Program(strict, null, "198.51.100.10");

        await ShouldBeRefused(await Send(program, HttpMethod.Post, "/oauth/register", new { redirect_uris = Callback }), "invalid_software_statement");
        var made = await Send(program, HttpMethod.Post, "/oauth/register", new { redirect_uris = Callback, software_statement = Open.Voucher.Sign(Claims()) });
        ((int)made.StatusCode).ShouldBe(201);
    }

    private static JsonObject Claims(params (string Name, JsonNode Value)[] changes)
    {
        var claims = new JsonObject { ["iss"] = "https://vouch.test", ["software_id"] = "reader" };
        foreach (var (name, value) in changes)
            claims[name] = value;
        return claims;
    }
}
