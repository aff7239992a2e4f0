using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Tokens;

namespace Signet.Tests.Features.Keys;

/// <summary>Keys follow one another without a token that does not verify.</summary>
public sealed class RotateKeysTests(RotateKeysTests.OwnSite site) : FlowTest(site), IClassFixture<RotateKeysTests.OwnSite>
{
    [Fact] // T083
    public async Task A_new_key_is_published_before_it_signs_and_an_old_one_until_nothing_needs_it()
    {
        var (client, secret) = await AddClient();
        var user = await AddUser();
        var before = await Tokens(user, client, secret, ("scope", "openid offline_access"));
        var published = await Kids();

        await Rotate();
        Kid(await Tokens(user, client, secret, ("scope", "openid"))).ShouldBe(Kid(before), "the next key is not a day old yet");
        Site.Clock.Advance(TimeSpan.FromHours(24.1));
        Site.Services.GetRequiredService<KeyRing>().Forget();
        var after = await Tokens(user, client, secret, ("scope", "openid"));

        Kid(after).ShouldNotBe(Kid(before));
        published.ShouldContain(Kid(after));
        (await Kids()).ShouldContain(Kid(before));
        (await IsLive(Text(after, "access_token"))).ShouldBeTrue();
        (await Refresh(client, secret, Text(before, "refresh_token"))).IsSuccessStatusCode.ShouldBeTrue();

        Site.Clock.Advance(TimeSpan.FromDays(2));
        Site.Services.GetRequiredService<KeyRing>().Forget();
        (await Kids()).ShouldNotContain(Kid(before));
    }

    [Fact]
    public async Task Many_rotations_at_once_make_one_next_key()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(Rotate)));

        var generations = await Site.InDatabase(db => db.SigningKeys.Where(key => key.RetiredFrom == null).GroupBy(key => key.Algorithm).Select(group => group.Count()).ToListAsync(Ct));
        generations.ShouldAllBe(count => count == 1);
    }

    private async Task Rotate()
    {
        using var scope = Site.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<KeyRotation>().Rotate(Ct);
    }

    private async Task<string[]> Kids() => [.. (await Json(await Site.Browser().GetAsync("/.well-known/jwks.json", Ct)))
        .GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!)];

    private static string Kid(System.Text.Json.JsonElement tokens) => Jwt(Text(tokens, "access_token")).Kid;

    /// <summary>Keys that were rotated stay rotated: no other test shares them.</summary>
    public sealed class OwnSite : PostgresSite;
}
