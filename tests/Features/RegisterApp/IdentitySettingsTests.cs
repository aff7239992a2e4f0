using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Signet.Tests.Features.RegisterApp;

/// <summary>What an app may register about subjects and signatures (OpenID Connect Registration §2 and §5).</summary>
public sealed class IdentitySettingsTests(PostgresSite site) : AppsTest(site)
{
    private const string Url = "/api/v1/apps";

    [Theory]
    [InlineData("id_token_signed_response_alg", "none")]
    [InlineData("id_token_signed_response_alg", "HS256")]
    [InlineData("userinfo_signed_response_alg", "none")]
    [InlineData("introspection_signed_response_alg", "RS512")]
    [InlineData("authorization_signed_response_alg", "none")]
    [InlineData("subject_type", "private")]
    [InlineData("sector_identifier_uri", "http://app.test/sector.json")]
    [InlineData("initiate_login_uri", "http://app.test/login")]
    public async Task Names_the_member_whose_value_is_not_spoken_here(string member, string value)
    {
        using var http = await Program(await AddUser(), "apps.write");

        await ShouldBeRefused(await Register(http, $$"""{"client_name":"A","redirect_uris":["https://app.test/cb"],"{{member}}":"{{value}}"}"""), member);
    }

    [Fact]
    public async Task Refuses_rs256_to_an_app_under_a_fapi_profile()
    {
        using var http = await Program(await AddUser(), "apps.write");

        await ShouldBeRefused(
            await Register(http, """{"client_name":"A","redirect_uris":["https://app.test/cb"],"security_profile":"fapi_2_0_security","id_token_signed_response_alg":"RS256"}"""),
            "id_token_signed_response_alg");
    }

    [Fact]
    public async Task Pairwise_subjects_need_one_host_or_a_list_that_names_every_redirect_uri()
    {
        await using var server = await OutsideServer.Start();
        await using var inside = Site.WithWebHostBuilder(host => host
            .Reach(server));
        using var http = inside.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        using (var program = await Program(await AddUser(), "apps.write"))
            http.DefaultRequestHeaders.Authorization = program.DefaultRequestHeaders.Authorization;
        server.AnswerJson("/sector.json", """["https://a.test/cb","https://b.test/cb","https://c.test/cb"]""");
        server.AnswerJson("/short.json", """["https://a.test/cb"]""");
        server.AnswerJson("/object.json", """{"redirect_uris":["https://a.test/cb","https://b.test/cb"]}""");

        Task<HttpResponseMessage> With(string? sector) => Register(http, $$"""
            {"client_name":"A","redirect_uris":["https://a.test/cb","https://b.test/cb"],"subject_type":"pairwise"{{(sector is null ? "" : $",\"sector_identifier_uri\":\"{server.Url(sector)}\"")}}}
            """);

        await ShouldBeRefused(await With(null), "sector_identifier_uri");
        foreach (var bad in (string[])["/short.json", "/object.json", "/nothing"])
            await ShouldBeRefused(await With(bad), "sector_identifier_uri");

        var made = await With("/sector.json");
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync(Ct));
        var url = $"{Url}/{(await Json(made)).GetProperty("client_id").GetString()}";

        // The list is asked again when something changes.
        (await http.PatchAsync(url, Body("""{"redirect_uris":["https://c.test/cb"]}"""), Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await ShouldBeRefused(await http.PatchAsync(url, Body("""{"redirect_uris":["https://d.test/cb"]}"""), Ct), "sector_identifier_uri");
    }

    [Theory]
    [InlineData("id_token_encrypted_response_alg", "RSA1_5", "A256GCM", "id_token_encrypted_response_alg")]
    [InlineData("userinfo_encrypted_response_alg", "dir", "A256GCM", "userinfo_encrypted_response_alg")]
    [InlineData("introspection_encrypted_response_alg", "ECDH-ES", "A128CBC-HS256", "introspection_encrypted_response_enc")]
    [InlineData("authorization_encrypted_response_alg", "ECDH-ES", null, "authorization_encrypted_response_enc")]
    [InlineData("id_token_encrypted_response_alg", null, "A256GCM", "id_token_encrypted_response_enc")]
    [InlineData("id_token_encrypted_response_alg", "RSA-OAEP-256", "A256GCM", "id_token_encrypted_response_alg")] // its key is on a curve
    [InlineData("id_token_encrypted_response_alg", "ECDH-ES", "A256GCM", null)]
    public async Task Encryption_needs_a_known_algorithm_and_a_key_for_it(string member, string? algorithm, string? encryption, string? wrong)
    {
        using var http = await Program(await AddUser(), "apps.write");
        var keys = EncryptionKey.Set(EncryptionKey.New("ECDH-ES").Public).GetRawText();
        var enc = member.Replace("_alg", "_enc", StringComparison.Ordinal);

        var response = await Register(http, $$"""
            {"client_name":"A","redirect_uris":["https://app.test/cb"],"jwks":{{keys}},"{{member}}":{{JsonSerializer.Serialize(algorithm)}},"{{enc}}":{{JsonSerializer.Serialize(encryption)}}}
            """);

        if (wrong is null)
            response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync(Ct));
        else
            await ShouldBeRefused(response, wrong);
    }

    private static Task<HttpResponseMessage> Register(HttpClient http, string body) => http.PostAsync(Url, Body(body), Ct);

    private static async Task ShouldBeRefused(HttpResponseMessage response, string member)
    {
        var body = await response.Content.ReadAsStringAsync(Ct);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, body);
        (await Json(response)).GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue(body);
    }
}
