using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Features.RegisterClient;

/// <summary>What an app does with its own registration, RFC 7592.</summary>
public sealed class ManageRegistrationTests(PostgresSite site, OpenRegistration open) : RegistrationTest(site, open)
{
    [Fact] // §2.1
    public async Task Shows_what_is_registered_even_where_nobody_may_register_any_more()
    {
        var made = await Registered(new { client_name = "Reader", redirect_uris = Callback });

        using var elsewhere = OpenRegistration.Program(Site, Text(made, "registration_access_token"), "198.51.100.7");
        var response = await elsewhere.GetAsync(Text(made, "registration_client_uri"), Ct);
        var read = await Json(response);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        read.TryGetProperty("client_secret", out _).ShouldBeFalse();
        foreach (var member in made.EnumerateObject().Where(member => member.Name != "client_secret"))
            JsonElement.DeepEquals(read.GetProperty(member.Name), member.Value).ShouldBeTrue(member.Name);
    }

    [Fact] // §2.2
    public async Task Replaces_the_whole_of_it_and_keeps_token_and_secret()
    {
        var made = await Registered(new { client_name = "Reader", redirect_uris = Callback, software_id = "x", policy_uri = "https://app.test/privacy", scope = "openid email" });
        var id = Text(made, "client_id");

        var response = await Manage(made, HttpMethod.Put, new { client_id = id, client_secret = Text(made, "client_secret"), client_name = "Writer", redirect_uris = new[] { "https://app.test/new" }, scope = "openid" });
        var changed = await Json(response);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, changed.ToString());
        Text(changed, "client_name").ShouldBe("Writer");
        Text(changed, "scope").ShouldBe("openid");
        Texts(changed, "redirect_uris").ShouldBe(["https://app.test/new"]);
        changed.TryGetProperty("software_id", out _).ShouldBeFalse();
        changed.TryGetProperty("policy_uri", out _).ShouldBeFalse();
        changed.TryGetProperty("client_secret", out _).ShouldBeFalse();
        Text(changed, "registration_access_token").ShouldBe(Text(made, "registration_access_token"));
        var client = await Stored(made);
        Text(await Tokens(await AddUser(), client, Text(made, "client_secret")), "scope").ShouldBe("openid");
        (await Site.InDatabase(db => db.AuditEvents.AnyAsync(audit => audit.Action == "app changed" && audit.Actor == $"client:{id}", Ct))).ShouldBeTrue();
    }

    [Fact]
    public async Task Does_not_take_back_what_somebody_here_has_taken()
    {
        var made = await Registered(new { client_name = "Reader", redirect_uris = Callback, scope = "openid email" });
        var (id, admin) = (Text(made, "client_id"), await Program(await AddUser(isAdmin: true), $"{Scopes.AppsWrite} {Scopes.Admin}"));

        (await Send(admin, HttpMethod.Patch, $"/api/v1/apps/{id}", new { client_uri = "https://app.test" })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Manage(made, HttpMethod.Get)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Send(admin, HttpMethod.Patch, $"/api/v1/apps/{id}", new { scope = "openid" })).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await Manage(made, HttpMethod.Put, new { client_id = id, redirect_uris = Callback, scope = "openid email" })).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Stored(made)).Scopes.ShouldBe(["openid"]);
    }

    [Fact]
    public async Task Gives_a_secret_to_an_app_that_has_none_which_serves_and_to_no_other()
    {
        var made = await Registered(new { redirect_uris = Callback, token_endpoint_auth_method = "none" });
        var id = Text(made, "client_id");

        var confidential = await Json(await Manage(made, HttpMethod.Put, new { client_id = id, redirect_uris = Callback, token_endpoint_auth_method = "client_secret_post" }));
        var again = await Json(await Manage(made, HttpMethod.Put, new { client_id = id, redirect_uris = Callback, token_endpoint_auth_method = "client_secret_basic" }));
        var signing = await Json(await Manage(made, HttpMethod.Put, new { client_id = id, redirect_uris = Callback, token_endpoint_auth_method = "client_secret_jwt" }));

        Text(confidential, "client_secret").ShouldStartWith("sgs_");
        again.TryGetProperty("client_secret", out _).ShouldBeFalse();
        Text(signing, "client_secret").ShouldStartWith("sgs_");
    }

    [Theory] // §2.2
    [InlineData("""{"redirect_uris":["https://app.test/cb"]}""", "invalid_client_metadata")]
    [InlineData("""{"client_id":"another","redirect_uris":["https://app.test/cb"]}""", "invalid_client_metadata")]
    [InlineData("""{"client_id":"ID","client_secret":"another","redirect_uris":["https://app.test/cb"]}""", "invalid_client_metadata")]
    [InlineData("""{"client_id":"ID","client_secret":7,"redirect_uris":["https://app.test/cb"]}""", "invalid_client_metadata")]
    [InlineData("""{"client_id":"ID","registration_access_token":"x","redirect_uris":["https://app.test/cb"]}""", "invalid_client_metadata")]
    [InlineData("""{"client_id":"ID","registration_client_uri":"x","redirect_uris":["https://app.test/cb"]}""", "invalid_client_metadata")]
    [InlineData("""{"client_id":"ID","client_secret_expires_at":0,"redirect_uris":["https://app.test/cb"]}""", "invalid_client_metadata")]
    [InlineData("""{"client_id":"ID","client_id_issued_at":0,"redirect_uris":["https://app.test/cb"]}""", "invalid_client_metadata")]
    [InlineData("""{"client_id":"ID","application_type":"native","redirect_uris":["https://app.test/cb"]}""", "invalid_client_metadata")]
    [InlineData("""{"client_id":"ID","redirect_uris":["https://app.test/cb#x"]}""", "invalid_redirect_uri")]
    [InlineData("""{"client_id":"ID"}""", "invalid_redirect_uri")]
    [InlineData("""{"client_id":"ID","initiate_login_uri":"http://app.test","redirect_uris":["https://app.test/cb"]}""", "invalid_client_metadata")]
    [InlineData("nothing", "invalid_client_metadata")]
    public async Task Changes_nothing_when_something_is_wrong(string metadata, string error)
    {
        var made = await Registered(new { client_name = "Reader", redirect_uris = Callback });

        await ShouldBeRefused(await Manage(made, HttpMethod.Put, metadata.Replace("ID", Text(made, "client_id"), StringComparison.Ordinal)), error);

        (await Stored(made)).UpdatedAt.ShouldBe((await Stored(made)).CreatedAt);
    }

    [Fact] // §2.3
    public async Task Ends_with_all_that_was_issued_when_it_is_deleted()
    {
        var made = await Registered(new { redirect_uris = Callback, scope = "openid" });
        var client = await Stored(made);
        var tokens = await Tokens(await AddUser(), client, Text(made, "client_secret"));

        var deleted = await Manage(made, HttpMethod.Delete);

        deleted.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        deleted.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await IsLive(Text(tokens, "access_token"))).ShouldBeFalse();
        await ShouldBeRefused(await PostAs(Open.Program(), client.Id, Text(made, "client_secret"), "/oauth/token", ("grant_type", "refresh_token")), "invalid_client", 401);
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete])
            await ShouldBeRefused(await Manage(made, method, method == HttpMethod.Put ? new { } : null), "invalid_token", 401);
    }

    [Fact] // §2: each by its own token alone
    public async Task Is_nobody_elses()
    {
        var (mine, others) = (await Registered(new { redirect_uris = Callback }), await Registered(new { redirect_uris = Callback }));
        string[] wrong = [Text(others, "registration_access_token"), OpaqueValue.New(OpaqueValue.RegistrationAccess).Text, Text(mine, "client_secret"), "x"];

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete])
        {
            foreach (var token in wrong)
            {
                var refused = await Manage(mine, method, method == HttpMethod.Put ? new { client_id = Text(mine, "client_id"), redirect_uris = Callback } : null, token);
                await ShouldBeRefused(refused, "invalid_token", 401);
                refused.Headers.WwwAuthenticate.ToString().ShouldStartWith("Bearer error=\"invalid_token\"");
            }
        }

        using var nobody = Open.Program();
        (await nobody.GetAsync(Text(mine, "registration_client_uri"), Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Manage(mine, HttpMethod.Patch, new { })).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await Manage(mine, HttpMethod.Get)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Is_over_when_an_administrator_disables_the_app()
    {
        var made = await Registered(new { redirect_uris = Callback });
        var admin = await SignedIn(await AddUser(isAdmin: true));
        await Submit(admin, $"/apps/{Text(made, "client_id")}/disable");
        (await Manage(made, HttpMethod.Get)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        await Submit(admin, $"/apps/{Text(made, "client_id")}/disable", ("Enable", "true"));
        (await Manage(made, HttpMethod.Get)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }
}
