using System.Net;
using Microsoft.AspNetCore.Http;
using System.Text.Json;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.Ciba;

/// <summary>The person is told by mail that an app asks.</summary>
public sealed class CibaMailTests(PostgresSiteWithMail site) : CibaTest(site), IClassFixture<PostgresSiteWithMail>
{
    [Fact]
    public async Task The_person_gets_a_mail_that_leads_to_the_page()
    {
        var (client, secret) = await AddBank();
        var user = await AddUser();

        await Asked(client, secret, user, ("binding_message", "Pay 20 to Bob"));

        var letter = await Site.Mailbox!.Next();
        letter.To.ShouldBe(user.Email);
        letter.Subject.ShouldBe("Bank asks for your approval");
        letter.Text.ShouldContain("“Pay 20 to Bob”");
        letter.Text.ShouldContain($"{Site.Issuer}/account/approvals");
    }
}

/// <summary>An app is told that a person has decided: OpenID Connect CIBA §10.2.</summary>
public sealed class CibaPingTests(PostgresSite site) : CibaTest(site)
{
    [Fact]
    public async Task The_app_is_told_with_its_own_token_and_fetches_what_was_decided_whatever_it_answers()
    {
        (bool Allows, int Status, string Body)[] answers = [(true, 204, ""), (false, 200, ""), (true, 200, "{\"error\":\"x\"}"), (true, 401, ""), (false, 403, ""), (true, 302, "elsewhere")];
        await using var outside = await OutsideServer.Start();
        await using var pinging = Site.WithWebHostBuilder(builder => builder.Reach(outside).UseSetting("Signet:Jobs:Workers", "1"));
        _ = pinging.Server; // the only worker, and it may reach the app
        foreach (var (answer, i) in answers.Select((answer, i) => (answer, i)))
            await Told(outside, $"/ping/{i}", answer.Allows, answer.Status, answer.Body);
    }

    private async Task Told(OutsideServer outside, string path, bool allows, int status, string body)
    {
        var told = new TaskCompletionSource();
        outside.Answer(path, async http =>
        {
            http.Response.StatusCode = status;
            if (status == 302)
                http.Response.Headers.Location = outside.Url("/elsewhere");
            if (body.Length > 0)
                await http.Response.WriteAsync(body);
            told.TrySetResult();
        });
        var (client, secret) = await AddBank(change: client => client.Settings = new ClientSettings { BackchannelTokenDeliveryMode = "ping", BackchannelClientNotificationEndpoint = outside.Url(path) });
        var user = await AddUser();
        await ShouldBeRefused(await Ask(client, secret, ("login_hint", user.Email!)), "invalid_request");
        await ShouldBeRefused(await Ask(client, secret, ("login_hint", user.Email!), ("client_notification_token", "no spaces")), "invalid_request");
        var asked = await Asked(client, secret, user, ("client_notification_token", "8d67dc78-7faa-4d41-aabd-67707b374255"));
        (await ((PostgresSite)Site).Dump(Ct)).ShouldNotContain(Text(asked, "auth_req_id"));

        await Decide(await SignedIn(user), allows);

        await told.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);
        outside.Requests.ShouldNotContain(request => request.Path == "/elsewhere");
        var seen = outside.Requests.First(request => request.Path == path);
        seen.Authorization.ShouldBe("Bearer 8d67dc78-7faa-4d41-aabd-67707b374255");
        JsonDocument.Parse(seen.Body).RootElement.GetProperty("auth_req_id").GetString().ShouldBe(Text(asked, "auth_req_id"));
        (await Poll(client, secret, asked)).StatusCode.ShouldBe(allows ? HttpStatusCode.OK : HttpStatusCode.BadRequest);
    }
}
