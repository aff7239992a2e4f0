using System.Net;
using System.Text;
using Signet.Infrastructure.Identity;
using Signet.Infrastructure.OAuth;

namespace Signet.Tests.Pages;

/// <summary>What people and programs see when a request cannot be answered.</summary>
public sealed class ErrorPageTests(SqliteSite site) : SliceTest(site)
{
    [Fact]
    public async Task An_unknown_address_is_a_page_and_not_a_sign_in()
    {
        var response = await Site.Browser().GetAsync("/no/such/page", Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        (await response.Content.ReadAsStringAsync(Ct)).ShouldContain("There is nothing here");
    }

    [Fact]
    public async Task An_unknown_address_is_the_same_page_for_someone_signed_in()
    {
        var browser = await SignedIn(await AddUser());

        (await browser.GetAsync("/no/such/page", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("DELETE", "/")]
    [InlineData("PUT", "/")]
    [InlineData("POST", "/health/live")]
    [InlineData("POST", "/.well-known/jwks.json")]
    public async Task A_method_that_an_address_does_not_take_is_405_and_names_those_it_takes(string method, string path)
    {
        var response = await Site.Browser().SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        response.Content.Headers.Allow.ShouldContain("GET");
    }

    [Theory]
    [InlineData("GET", "/oauth/no-such-endpoint", HttpStatusCode.NotFound, "not_found")]
    [InlineData("POST", "/api/v1/no-such-thing", HttpStatusCode.NotFound, "not_found")]
    [InlineData("GET", "/.well-known/no-such-document", HttpStatusCode.NotFound, "not_found")]
    [InlineData("DELETE", "/.well-known/jwks.json", HttpStatusCode.MethodNotAllowed, "invalid_request")]
    public async Task Programs_get_their_refusals_as_json(string method, string path, HttpStatusCode status, string error)
    {
        var response = await Site.Browser().SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Ct);

        response.StatusCode.ShouldBe(status);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var body = await Json(response);
        body.GetProperty("error").GetString().ShouldBe(error);
        body.GetProperty("error_description").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact] // GO-2026-4861: an error page that repeated its parameters ran them
    public async Task Shows_nothing_of_the_request()
    {
        var response = await Site.Browser().GetAsync("/error?error=x&error_description=%3Cimg%20src=x%20onerror=alert(1)%3E&error_hint=hint-of-theirs&status=299", Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'");
        var page = await response.Content.ReadAsStringAsync(Ct);
        page.ShouldNotContain("onerror");
        page.ShouldNotContain("hint-of-theirs");
        page.ShouldNotContain("299");
    }

    [Fact]
    public async Task Says_the_reference_that_the_log_has()
    {
        var page = await (await Site.Browser().GetAsync("/no/such/page", Ct)).Content.ReadAsStringAsync(Ct);

        page.ShouldMatch("Reference <code>[^<]+</code>");
    }

    [Fact]
    public async Task A_form_that_was_sent_without_its_antiforgery_token_is_told_what_to_do()
    {
        var response = await Post(Site.Browser(), "/", ("a", "b"));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(Ct)).ShouldContain("Go back, load the page again");
    }

    [Fact]
    public async Task A_bare_failure_keeps_its_status_for_HEAD_and_for_a_body_of_any_type()
    {
        (await Site.Browser().SendAsync(new HttpRequestMessage(HttpMethod.Head, "/no/such/page"), Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Site.Browser().PostAsync("/no/such/page", new StringContent("{", Encoding.UTF8, "application/json"), Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Without_a_database_someone_with_a_session_still_gets_a_page_in_words()
    {
        await using var away = new PostgresSite();
        await away.InitializeAsync();
        await away.DropDatabase();
        var browser = away.Browser();
        browser.DefaultRequestHeaders.Add("Cookie", $"{SessionAuthentication.Cookie}={new string('k', OpaqueValue.SecretLength)}");

        for (var attempt = 0; attempt < 3; attempt++) // over a broken connection of the pool, then over none
        {
            var response = await browser.GetAsync("/", Ct);

            ((int)response.StatusCode).ShouldBeOneOf(500, 503);
            (await response.Content.ReadAsStringAsync(Ct)).ShouldMatch("Reference <code>[^<]+</code>");
        }
    }
}
