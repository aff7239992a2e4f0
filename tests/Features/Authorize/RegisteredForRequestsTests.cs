using System.Net;
using Microsoft.EntityFrameworkCore;
using Signet.Tests.Features.RegisterApp;

namespace Signet.Tests.Features.Authorize;

/// <summary>What an app registers about its authorization requests and their answers: RFC 9101 §10.5, RFC 9126 §6, RFC 9396 §10, JARM §3.</summary>
public sealed class RegisteredForRequestsTests(PostgresSite site) : AppsTest(site)
{
    private const string Url = "/api/v1/apps";

    [Fact]
    public async Task Good_settings_come_back_as_they_were_sent()
    {
        using var http = await Program(await AddUser(), "apps.write");

        var made = await http.PostAsync(Url, Body(App("""
            "response_types":["code","code id_token"],"authorization_signed_response_alg":"ES256","require_pushed_authorization_requests":true,"request_object_signing_alg":"PS256",
            "request_uris":["https://app.test/object"],"default_acr_values":["aal2"],"default_max_age":60,"require_auth_time":true
            """)), Ct);

        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync(Ct));
        var app = await Json(made);
        app.GetProperty("response_types").EnumerateArray().Select(type => type.GetString()).ShouldBe(["code", "code id_token"]);
        app.GetProperty("authorization_signed_response_alg").GetString().ShouldBe("ES256");
        app.GetProperty("require_pushed_authorization_requests").GetBoolean().ShouldBeTrue();
        app.GetProperty("request_uris")[0].GetString().ShouldBe("https://app.test/object");
    }

    [Theory]
    [InlineData("response_types", """["code id_token token"]""")]
    [InlineData("response_types", "[]")]
    [InlineData("response_types", "[null]")]
    [InlineData("authorization_signed_response_alg", "\"none\"")]
    [InlineData("authorization_signed_response_alg", "\"HS256\"")]
    [InlineData("request_object_signing_alg", "\"none\"")]
    [InlineData("require_signed_request_object", "true")]
    [InlineData("request_uris", """["http://app.test/object"]""")]
    [InlineData("request_uris", """["https://app.test/object#part"]""")]
    [InlineData("request_uris", "[null]")]
    [InlineData("authorization_details_types", """["unknown"]""")]
    [InlineData("authorization_details_types", "[null]")]
    [InlineData("default_acr_values", """["gold"]""")]
    [InlineData("default_max_age", "-1")]
    public async Task A_setting_that_could_not_be_kept_is_named(string member, string value)
    {
        using var http = await Program(await AddUser(), "apps.write");

        var response = await http.PostAsync(Url, Body(App($"\"{member}\":{value}")), Ct);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, await response.Content.ReadAsStringAsync(Ct));
        (await Json(response)).GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue(await response.Content.ReadAsStringAsync(Ct));
        (await Site.InDatabase(db => db.Clients.CountAsync(Ct))).ShouldBe(0);
    }

    private static string App(string settings) => $"{{\"client_name\":\"A\",\"redirect_uris\":[\"https://app.test/cb\"],{settings}}}";
}
