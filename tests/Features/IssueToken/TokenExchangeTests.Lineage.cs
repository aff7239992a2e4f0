using System.Diagnostics;
using System.Net;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.IssueToken;

/// <summary>A token that is given back takes along what was exchanged from it.</summary>
public abstract partial class TokenExchangeTests
{
    [Theory]
    [InlineData(TokenFormat.Jwt)]
    [InlineData(TokenFormat.Opaque)]
    internal async Task Revoking_one_token_ends_what_was_exchanged_from_it_and_nothing_else(TokenFormat format)
    {
        await AddApi(Notes);
        await AddApi(Mail, "mail.send");
        var (app, secret) = await AddClient();
        var (grant, _) = await AddGrant(await AddUser(), app);
        Task<string> Fresh() => format == TokenFormat.Jwt ? IssueJwt(app, grant) : IssueOpaque(app, grant);
        var (revoked, kept) = (await Fresh(), await Fresh());
        var first = await Exchanger(format, Rule(app.Id));
        var second = await Exchanger(TokenFormat.Opaque, Rule(first.Client.Id, impersonates: true), Rule(app.Id));
        var third = await Exchanger(TokenFormat.Jwt, Rule(second.Client.Id));
        var child = await Good(first, revoked);
        var grandchild = await Good(second, child);
        var last = await Good(third, grandchild);
        var other = await Good(first, kept);
        var acting = await Good(second, kept, ("actor_token", await Good(second, revoked)), ("actor_token_type", AccessToken));

        await Revoke((app, secret), revoked);

        foreach (var (by, dead) in new[] { (first, child), (second, grandchild), (third, last), (second, acting) })
            await ShouldBeDead(by, dead);
        await ShouldBeRefused(await Ask(third, grandchild), "invalid_request");
        (await Said(first, other)).GetProperty("active").GetBoolean().ShouldBeTrue();
        (await Said((app, secret), kept)).GetProperty("active").GetBoolean().ShouldBeTrue();

        // One in the middle ends what comes after it, and not what was before.
        var (middle, after) = (other, await Good(second, other));
        await Revoke(first, middle);
        await ShouldBeDead(second, after);
        (await Said((app, secret), kept)).GetProperty("active").GetBoolean().ShouldBeTrue();
    }

    private async Task Revoke((Client Client, string Secret) by, string token) =>
        (await PostAs(Site.Browser(), by.Client.Id, by.Secret, "/oauth/revoke", ("token", token))).StatusCode.ShouldBe(HttpStatusCode.OK);

    public sealed partial class OnPostgres
    {
        [Fact]
        public async Task A_token_that_was_not_exchanged_is_asked_about_in_one_statement()
        {
            var (_, app, grant, token) = await Subject();
            var by = await Exchanger(TokenFormat.Jwt, Rule(app.Id));
            var exchanged = await Good(by, token);
            var own = await IssueOpaque(by.Client);

            (await Statements(async () => await IsLive(await IssueJwt(app, grant)))).ShouldBe(1);
            (await Statements(() => Said(by, own))).ShouldBe(1);
            (await Statements(() => Said(by, exchanged))).ShouldBe(2);
        }

        /// <summary>How many statements look for what was revoked meanwhile.</summary>
        private static async Task<int> Statements(Func<Task> work)
        {
            var count = 0;
            using var listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = (ref _) => ActivitySamplingResult.AllData,
                ActivityStopped = statement => count += statement.TagObjects.Any(tag => tag.Value is string text && text.Contains("revoked_tokens", StringComparison.Ordinal)) ? 1 : 0,
            };
            ActivitySource.AddActivityListener(listener);
            await work();
            return count;
        }
    }
}
