using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Signet.Tests.Attacks;

/// <summary>Text that is none: answered with a 4xx, in words, and nobody else notices.</summary>
public sealed class MalformedTextTests(PostgresSite site) : FlowTest(site)
{
    [Theory]
    [InlineData("/oauth/authorize?client_id=%00&redirect_uri=x")]
    [InlineData("/login?returnUrl=%00")]
    public async Task A_nul_in_an_address(string url) => ShouldBeOurs(await Site.Browser().GetAsync(url, Ct));

    [Theory]
    [InlineData("application/json", "{\"grant_type\":\"\\ud800\"}")]
    [InlineData("application/json", "{\"\\ud800\":\"a\"}")]
    [InlineData("application/json", "{\"grant_type\":[\"\\ud800\"]}")]
    [InlineData("application/json", "[1,2]")]
    [InlineData("application/json", "{\"a\":1,\"a\":2}")]
    [InlineData("application/x-www-form-urlencoded", "grant_type=client_credentials&client_id=%00&client_secret=%00")]
    [InlineData("application/x-www-form-urlencoded; charset=utf-7", "grant_type=client_credentials")]
    [InlineData("multipart/form-data", "x")]
    [InlineData("text/plain", "grant_type=client_credentials")]
    public async Task A_body_at_the_token_endpoint(string type, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

        var response = await Site.Browser().PostAsync("/oauth/token", content, Ct);

        ShouldBeOurs(response);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "Input.Email=%00")]
    [InlineData("multipart/form-data", "x")]
    public async Task A_form_of_a_page(string type, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

        var response = await Site.Browser().PostAsync("/login", content, Ct);

        ShouldBeOurs(response);
        response.Headers.Contains("Content-Security-Policy").ShouldBeTrue();
        (await response.Content.ReadAsStringAsync(Ct)).ShouldContain("<h1");
    }

    [Fact]
    public async Task Good_requests_go_on_beside_it()
    {
        var (client, secret) = await AddClient();

        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Task.Run(() => Site.Browser().GetAsync("/oauth/authorize?client_id=%00&redirect_uri=x", Ct))));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Token(client, secret, ("grant_type", "client_credentials")))));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Wrong_secrets_of_others_do_not_lock_a_client_out()
    {
        var (client, secret) = await AddClient();
        for (var i = 0; i < 60; i++)
            await Token(client, $"guess{i}", ("grant_type", "client_credentials"));

        (await Token(client, secret, ("grant_type", "client_credentials"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static void ShouldBeOurs(HttpResponseMessage response)
    {
        ((int)response.StatusCode).ShouldBeInRange(400, 499);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }
}
