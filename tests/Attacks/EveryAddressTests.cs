using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Signet.Tests.Attacks;

/// <summary>What holds at every address that there is, found by asking the router, so that tomorrow's pages are tried too.</summary>
public sealed partial class EveryAddressTests(PostgresSite site) : SliceTest(site)
{
    /// <summary>Addresses of the jobs dashboard, which are one route to the router.</summary>
    private static readonly string[] Dashboard = ["/admin/jobs", "/admin/jobs/recurring", "/admin/jobs/servers", "/admin/jobs/jobs/enqueued", "/admin/jobs/jobs/failed", "/admin/jobs/retries"];

    [Fact] // T102, T150
    public async Task Every_answer_has_the_headers_that_protect_people()
    {
        var (admin, stranger) = (await SignedIn(await AddUser(isAdmin: true)), Site.Browser());
        var seen = 0;
        foreach (var url in (await Urls()).Concat(Dashboard).Concat(["/nowhere", "/oauth/authorize", "/oauth/authorize?client_id=%00", "/login/external/nobody/callback", "/css/site.css"]))
        {
            foreach (var browser in new[] { admin, stranger })
            {
                var answer = await browser.GetAsync(url, Ct);
                var policy = One(answer, "Content-Security-Policy");
                seen++;

                ((int)answer.StatusCode).ShouldBeLessThan(500, url);
                policy.ShouldContain("default-src 'none'", Case.Sensitive, url);
                policy.ShouldContain("frame-ancestors 'none'", Case.Sensitive, url);
                policy.ShouldContain("base-uri 'none'", Case.Sensitive, url);
                policy.ShouldNotContain("unsafe", Case.Insensitive, url);
                policy.ShouldNotContain("*", Case.Sensitive, url);
                One(answer, "X-Frame-Options").ShouldBe("DENY", url);
                One(answer, "X-Content-Type-Options").ShouldBe("nosniff", url);
                One(answer, "Referrer-Policy").ShouldBe("no-referrer", url);
                One(answer, "Cross-Origin-Opener-Policy").ShouldBe("same-origin", url);
                One(answer, "Permissions-Policy").ShouldContain("camera=()", Case.Sensitive, url);
                int.Parse(MaxAge().Match(One(answer, "Strict-Transport-Security")).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(31_536_000, url);
                answer.Headers.Contains("Server").ShouldBeFalse(url);
                answer.Headers.Contains("X-Powered-By").ShouldBeFalse(url);
            }
        }

        seen.ShouldBeGreaterThan(80);
    }

    [Fact] // T125
    public async Task Nothing_but_what_is_meant_to_is_open_to_strangers()
    {
        string[] open = ["/", "/error", "/health/live", "/health/ready", "/login", "/login/2fa", "/login/2fa/enrol", "/login/external/{provider?}", "/setup", "/signup", "/signup/confirm", "/logout", "/logout/done",
            "/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/{**of}", "/.well-known/openid-configuration",
            "/oauth/authorize", "/oauth/backchannel", "/oauth/device", "/oauth/introspect", "/oauth/logout", "/oauth/par", "/oauth/register", "/oauth/register/{id}/", "/oauth/revoke", "/oauth/token", "/oauth/userinfo"];

        var routes = Routes().ToArray();
        routes.Length.ShouldBeGreaterThan(60);
        routes.Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(Pattern).Where(pattern => !IsStatic(pattern)).Distinct().Order(StringComparer.Ordinal)
            .Except(open).ShouldBeEmpty("a new address is open to strangers: is it meant to?");

        foreach (var route in routes.Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is null))
        {
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), await Filled(Pattern(route)));
                var answer = await Site.Browser().SendAsync(request, Ct);
                var isRefused = answer.StatusCode is HttpStatusCode.Unauthorized || answer.Headers.Location?.OriginalString.StartsWith("/login?returnUrl=", StringComparison.Ordinal) == true;
                (method, Pattern(route), isRefused).ShouldBe((method, Pattern(route), true));
            }
        }
    }

    [Fact] // T125
    public async Task The_jobs_dashboard_is_for_administrators_in_every_corner_and_changes_nothing_without_its_token()
    {
        var (person, admin) = (await SignedIn(await AddUser()), await SignedIn(await AddUser(isAdmin: true)));
        foreach (var url in Dashboard)
        {
            (url, (await Site.Browser().GetAsync(url, Ct)).StatusCode).ShouldBe((url, HttpStatusCode.Redirect));
            (url, (await person.GetAsync(url, Ct)).StatusCode).ShouldBe((url, HttpStatusCode.Forbidden));
        }

        foreach (var url in new[] { "/admin/jobs/stats", "/admin/jobs/recurring/remove", "/admin/jobs/recurring/trigger", "/admin/jobs/jobs/enqueued/delete" })
        {
            (url, (await Post(Site.Browser(), url, ("jobs[]", "rotate keys"))).StatusCode).ShouldBe((url, HttpStatusCode.Redirect));
            (url, (await Post(person, url, ("jobs[]", "rotate keys"))).StatusCode).ShouldBe((url, HttpStatusCode.Forbidden));
            ((int)(await Post(admin, url, ("jobs[]", "rotate keys"))).StatusCode).ShouldBeInRange(400, 403, url);
        }
    }

    [Theory] // T125
    [InlineData("/metrics")]
    [InlineData("/debug")]
    [InlineData("/health")]
    [InlineData("/healthz")]
    [InlineData("/hangfire")]
    [InlineData("/swagger/index.html")]
    [InlineData("/openapi/v2.json")]
    [InlineData("/appsettings.json")]
    [InlineData("/signet.dll")]
    [InlineData("/data/signet.db")]
    [InlineData("/.env")]
    [InlineData("/.git/config")]
    [InlineData("/..%2fappsettings.json")]
    [InlineData("/css/..%2f..%2fappsettings.json")]
    [InlineData("/Features/Login/Login")]
    [InlineData("/Pages/Index.cshtml")]
    [InlineData("/api/v1/users")]
    public async Task Nothing_is_served_where_scanners_look(string url)
    {
        foreach (var browser in new[] { Site.Browser(), await SignedIn(await AddUser(isAdmin: true)) })
            (await browser.GetAsync(url, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact] // T100, T128
    public async Task No_form_works_without_the_antiforgery_token_of_this_browser()
    {
        var admin = await SignedIn(await AddUser(isAdmin: true));
        var foreign = AntiforgeryToken(await (await (await SignedIn(await AddUser(isAdmin: true))).GetAsync("/account/profile", Ct)).Content.ReadAsStringAsync(Ct));
        await AddClient();
        var before = await Rows();
        var pages = Routes().Where(route => route.Metadata.GetMetadata<PageActionDescriptor>() is not null).Select(Pattern).Where(url => url != "/error").Distinct().ToArray();
        pages.Length.ShouldBeGreaterThan(35);

        foreach (var page in pages)
        {
            var url = await Filled(page);
            using var text = new StringContent("__RequestVerificationToken=x&Input.Reason=x", Encoding.UTF8, "text/plain");
            using var json = new StringContent("{\"Input\":{\"Reason\":\"x\"}}", Encoding.UTF8, "application/json");
            (page, (await Post(admin, url, ("Input.Reason", "x"))).StatusCode).ShouldBe((page, HttpStatusCode.BadRequest));
            (page, (await Post(admin, url, ("__RequestVerificationToken", foreign), ("Input.Reason", "x"))).StatusCode).ShouldBe((page, HttpStatusCode.BadRequest));
            (page, (await admin.PostAsync(url, text, Ct)).StatusCode).ShouldBe((page, HttpStatusCode.BadRequest));
            (page, (await admin.PostAsync(url, json, Ct)).StatusCode).ShouldBe((page, HttpStatusCode.BadRequest));
        }

        (await Rows()).ShouldBe(before, ignoreOrder: true);
    }

    [Fact]
    public async Task A_form_that_a_page_does_not_have_is_refused_in_words()
    {
        var user = await AddUser(isAdmin: true);
        await AddClient();
        var without = 0;
        foreach (var page in Routes().Where(route => route.Metadata.GetMetadata<PageActionDescriptor>() is not null).Select(Pattern).Where(url => url != "/admin/keys").Distinct().ToArray()) // rotating takes no field
        {
            var browser = await SignedIn(user);
            var token = AntiforgeryToken(await browser.GetStringAsync("/account/profile", Ct));

            var answer = await Post(browser, await Filled(page), ("__RequestVerificationToken", token), ("nonsense", "x"));

            ((int)answer.StatusCode).ShouldBeLessThan(500, page);
            without += answer.StatusCode == HttpStatusCode.MethodNotAllowed ? 1 : 0;
        }

        without.ShouldBeGreaterThan(8);
    }

    [Fact] // T101, T128
    public async Task Reading_changes_nothing_whoever_reads()
    {
        var admin = await SignedIn(await AddUser(isAdmin: true));
        var urls = (await Urls()).SelectMany(url => new[] { url, $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}handler=Allow", $"{url}?handler=Revoke&id={Guid.NewGuid()}" }).ToArray();
        var before = await Rows();

        foreach (var url in urls)
            ((int)(await admin.GetAsync(url, Ct)).StatusCode).ShouldBeLessThan(500, url);

        (await Rows()).ShouldBe(before, ignoreOrder: true);
        (await admin.GetAsync("/account", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK); // GET /logout among them
    }

    [Fact] // T145
    public async Task Strangers_leave_no_row_however_much_they_ask()
    {
        var (client, _) = await AddClient();
        var urls = await Urls();
        var stranger = Site.Browser();
        await stranger.GetAsync("/login", Ct);
        var before = await Rows();

        foreach (var url in urls)
            await Site.Browser().GetAsync(url, Ct);
        for (var i = 0; i < 30; i++)
        {
            await Site.Browser().GetAsync(FlowTest.AuthorizeUrl(client, ("state", $"s{i}"), ("nonce", $"n{i}"), ("prompt", "login")), Ct);
            await Post(Site.Browser(), "/oauth/token", ("grant_type", "authorization_code"), ("client_id", $"guess{i}"), ("code", $"guess{i}"));
            await Post(Site.Browser(), "/oauth/token", ("grant_type", "refresh_token"), ("client_id", client.Id), ("client_secret", "x"), ("refresh_token", $"guess{i}"));
            await Post(Site.Browser(), "/oauth/revoke", ("client_id", client.Id), ("token", $"guess{i}"));
            await Site.Browser().GetAsync($"/setup?code=guess{i}", Ct);
        }

        for (var i = 0; i < 8; i++)
            await Submit(stranger, "/login", ("Input.Email", $"nobody{i}@example.test"), ("Input.Password", "a wrong guess"));
        (await Rows()).ShouldBe(before, ignoreOrder: true);
    }

    [Fact] // T095
    public async Task No_answer_carries_the_host_that_a_request_claims()
    {
        var admin = await SignedIn(await AddUser(isAdmin: true));
        foreach (var url in (await Urls()).Append("/nowhere"))
        {
            foreach (var browser in new[] { admin, Site.Browser() })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, url);
                request.Headers.Host = "evil.test";
                foreach (var (name, value) in new[] { ("X-Forwarded-Host", "evil.test"), ("Forwarded", "host=evil.test;proto=http"), ("X-Forwarded-Proto", "http"), ("X-Original-Host", "evil.test"), ("X-Forwarded-Prefix", "/evil.test"), ("X-Original-URL", "/evil.test"), ("X-HTTP-Method-Override", "DELETE") })
                    request.Headers.Add(name, value);
                var answer = await browser.SendAsync(request, Ct);

                (answer.Headers + await answer.Content.ReadAsStringAsync(Ct)).ShouldNotContain("evil.test", Case.Insensitive, url);
            }
        }
    }

    private IEnumerable<RouteEndpoint> Routes() => Site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static string Pattern(RouteEndpoint route) => "/" + route.RoutePattern.RawText!.TrimStart('/');

    private static bool IsStatic(string pattern) => pattern.StartsWith("/lib/", StringComparison.Ordinal) || pattern.Contains('.', StringComparison.Ordinal) && !pattern.StartsWith("/.well-known", StringComparison.Ordinal);

    /// <summary>Every address that can be read, its parameters filled in with things that exist.</summary>
    private async Task<string[]> Urls()
    {
        var patterns = Routes().Where(route => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") != false)
            .Select(Pattern).Where(pattern => !IsStatic(pattern)).Distinct().ToArray();
        var urls = new List<string>();
        foreach (var pattern in patterns)
            urls.Add(await Filled(pattern));
        return [.. urls.Where(url => !url.StartsWith("/admin/jobs", StringComparison.Ordinal))];
    }

    private async Task<string> Filled(string pattern)
    {
        if (!pattern.Contains('{', StringComparison.Ordinal))
            return pattern;
        var client = await Site.InDatabase(db => db.Clients.AsNoTracking().OrderBy(known => known.Id).FirstOrDefaultAsync(Ct)) ?? (await AddClient()).Client;
        var user = await Site.InDatabase(db => db.Users.AsNoTracking().OrderBy(known => known.Id).FirstOrDefaultAsync(Ct)) ?? await AddUser();
        var id = pattern.Contains("apis", StringComparison.Ordinal) ? Guid.NewGuid() : user.Id;
        return pattern.Replace("{id:guid}", $"{id}", StringComparison.Ordinal).Replace("{id:app}", client.Id, StringComparison.Ordinal).Replace("{change}", "Disable", StringComparison.Ordinal)
            .Replace("{secretId:guid}", $"{Guid.NewGuid()}", StringComparison.Ordinal).Replace("{provider?}", "", StringComparison.Ordinal)
            is var filled && Parameter().IsMatch(filled) ? Parameter().Replace(filled, "x") : filled;
    }

    /// <summary>How many rows each table has.</summary>
    private Task<string[]> Rows() => Site.InDatabase(async db =>
    {
        var counts = new List<string>();
        foreach (var table in db.Model.GetEntityTypes().Select(type => type.GetTableName()!).Distinct().Order(StringComparer.Ordinal))
        {
            var count = $"SELECT count(*)::int AS \"Value\" FROM \"{table}\"";
            counts.Add($"{table} {await db.Database.SqlQueryRaw<int>(count).SingleAsync(Ct)}");
        }

        counts.Count.ShouldBeGreaterThan(10);
        return counts.ToArray();
    });

    private static string One(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.Single() : "";

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("max-age=([0-9]+)")]
    private static partial Regex MaxAge();
}
