using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Signet.Tests.Features.RegisterClient;

/// <summary>Administrators vouch for an app that registered itself, or refuse it.</summary>
public sealed class VerifyAppTests(PostgresSite site, OpenRegistration open) : RegistrationTest(site, open)
{
    [Fact]
    public async Task Is_for_administrators_on_its_page_where_the_app_is_shown_as_unverified_till_then()
    {
        var made = await Registered(new { client_name = "Reader", redirect_uris = Callback, policy_uri = "https://app.test/privacy" });
        var (url, verify) = ($"/apps/{Text(made, "client_id")}", $"/admin/apps/{Text(made, "client_id")}/verify");
        var admin = await SignedIn(await AddUser(isAdmin: true));
        foreach (var page in (string[])[url, "/admin/apps"])
            (await admin.GetStringAsync(page, Ct)).ShouldContain("Unverified</span>");
        (await admin.GetStringAsync("/admin/apps?unverified=true", Ct)).ShouldContain(Text(made, "client_id"));
        var form = await admin.GetStringAsync(verify, Ct);
        form.ShouldContain("https://app.test/cb");
        (await (await SignedIn(await AddUser())).GetAsync(verify, Ct)).StatusCode.ShouldNotBe(HttpStatusCode.OK);

        var stale = await Submit(admin, verify, $"{verify}?handler=Verify", ("Version", "1"));
        stale.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await Stored(made)).IsUnverified.ShouldBeTrue();
        var version = form.Split("name=\"Version\" value=\"")[1].Split('"')[0];
        (await Submit(admin, verify, $"{verify}?handler=Verify", ("Version", version))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await Stored(made)).IsUnverified.ShouldBeFalse();
        (await admin.GetStringAsync(url, Ct)).ShouldNotContain("Unverified</span>");
        (await admin.GetStringAsync("/admin/apps?unverified=true", Ct)).ShouldNotContain(Text(made, "client_id"));
        (await Site.InDatabase(db => db.AuditEvents.CountAsync(audit => audit.Action == "app verified", Ct))).ShouldBe(1);
    }

    [Fact] // what was vouched for is not what the app makes of it afterwards
    public async Task Is_lost_when_the_app_changes_what_was_looked_at_and_only_then()
    {
        var made = await Registered(new { client_name = "Reader", redirect_uris = Callback });
        using var admin = await Administrator();
        var app = $"/api/v1/apps/{Text(made, "client_id")}";
        (await admin.PostAsync($"{app}/verify", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Json(await admin.GetAsync(app, Ct))).GetProperty("verified").GetBoolean().ShouldBeTrue();

        await Manage(made, HttpMethod.Put, new { client_id = Text(made, "client_id"), client_name = "Reader", redirect_uris = Callback });
        (await Stored(made)).IsUnverified.ShouldBeFalse();
        (await admin.PatchAsync(app, new StringContent("""{"client_name":"Notes"}""", System.Text.Encoding.UTF8, "application/json"), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Stored(made)).IsUnverified.ShouldBeFalse();
        await Manage(made, HttpMethod.Put, new { client_id = Text(made, "client_id"), client_name = "Your Bank", redirect_uris = Callback });
        (await Stored(made)).IsUnverified.ShouldBeTrue();
        (await Json(await admin.GetAsync(app, Ct))).GetProperty("verified").GetBoolean().ShouldBeFalse();

        await admin.PostAsync($"{app}/verify", null, Ct);
        (await admin.PostAsync($"{app}/unverify", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Stored(made)).IsUnverified.ShouldBeTrue();
    }

    [Fact]
    public async Task Is_told_to_whom_the_app_has_access_to_and_no_more_once_it_is_refused()
    {
        var made = await Registered(new { client_name = "Reader", redirect_uris = Callback, scope = "openid" });
        var person = await SignedIn(await AddUser());
        (await Authorize(person, await Stored(made))).ShouldContainKey("code");
        var admin = await SignedIn(await AddUser(isAdmin: true));

        (await person.GetStringAsync("/account/apps", Ct)).ShouldContain("Unverified</span>");
        (await admin.GetStringAsync("/admin/apps?unverified=true", Ct)).ShouldContain(Text(made, "client_id"));
        await Submit(admin, $"/apps/{Text(made, "client_id")}/disable");
        (await Stored(made)).DisabledAt.ShouldNotBeNull();
        (await admin.GetStringAsync("/admin/apps?unverified=true", Ct)).ShouldNotContain(Text(made, "client_id"));
    }

    [Fact] // T116
    public async Task Lets_its_picture_be_fetched_looked_at_and_shown_from_here()
    {
        byte[] png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3];
        Open.Outside.Answer("/logo.png", http => http.Response.Body.WriteAsync(png, Ct).AsTask());
        Open.Outside.Answer("/picture", http =>
        {
            http.Response.ContentType = "image/png";
            return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, "<svg onload='alert(1)'/>", Ct);
        });
        var person = await SignedIn(await AddUser());
        var unverified = await Registered(new { redirect_uris = Callback, logo_uri = Open.Outside.Url("/logo.png") });
        Open.Outside.Requests.ShouldNotContain(request => request.Path == "/logo.png");
        (await person.GetAsync($"/apps/{Text(unverified, "client_id")}/logo", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        var (_, token) = await AddInitialToken();
        var verified = await Registered(new { redirect_uris = Callback, logo_uri = Open.Outside.Url("/logo.png") }, token);
        var url = $"/apps/{Text(verified, "client_id")}/logo";
        var shown = await person.GetAsync(url, Ct);
        (await shown.Content.ReadAsByteArrayAsync(Ct)).ShouldBe(png);
        shown.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
        shown.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        var consent = (await person.GetAsync(AuthorizeUrl(await Stored(verified), ("scope", "openid")), Ct)).Headers.Location!;
        (await person.GetStringAsync(consent, Ct)).ShouldContain($"src=\"{url}\"");
        (await Site.Browser().GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        await Manage(verified, HttpMethod.Put, new { client_id = Text(verified, "client_id"), redirect_uris = Callback, logo_uri = Open.Outside.Url("/picture") });
        (await person.GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Keeps_what_the_app_may_not_choose_when_it_changes_itself()
    {
        var made = await Registered(new { redirect_uris = Callback });
        using var admin = await Administrator();
        var change = """{"access_token_lifetime":60,"token_format":"opaque","trusted_issuers":[{"issuer":"https://trusted.test","jwks_uri":"https://trusted.test/jwks"}],"grant_types":["authorization_code","urn:ietf:params:oauth:grant-type:jwt-bearer"]}""";
        (await admin.PatchAsync($"/api/v1/apps/{Text(made, "client_id")}", new StringContent(change, System.Text.Encoding.UTF8, "application/json"), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        var response = await Manage(made, HttpMethod.Put, new { client_id = Text(made, "client_id"), redirect_uris = Callback, trusted_issuers = Array.Empty<object>(), grant_types = new[] { "authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer" } });

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Ct));
        var stored = await Stored(made);
        stored.AccessTokenLifetime.ShouldBe(TimeSpan.FromMinutes(1));
        stored.Settings.TrustedIssuers!.Single().Issuer.ShouldBe("https://trusted.test");
        stored.GrantTypes.Length.ShouldBe(2);
    }

    private async Task<HttpClient> Administrator() => await new Programs(Site).Of(await AddUser(isAdmin: true));

    private sealed class Programs(Site site) : RegisterApp.AppsTest(site)
    {
        public Task<HttpClient> Of(Signet.Infrastructure.Data.User user) => Program(user, "apps.write admin");
    }
}
