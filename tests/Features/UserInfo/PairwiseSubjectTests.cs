using System.Text.Json;
using Signet.Infrastructure.Data;

namespace Signet.Tests.Features.UserInfo;

/// <summary>OpenID Connect Core §8: what an app knows a person as.</summary>
public sealed class PairwiseSubjectTests(PostgresSite site) : FlowTest(site)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Is_the_same_wherever_the_app_meets_the_person(bool isOpaque)
    {
        var (client, secret) = await AddPairwise("https://one.test/cb", isOpaque ? TokenFormat.Opaque : TokenFormat.Jwt);
        var user = await AddUser();

        var tokens = await Tokens(user, client, secret);
        var access = Text(tokens, "access_token");
        var subject = Jwt(Text(tokens, "id_token")).Subject;

        subject.ShouldNotBe(user.Id.ToString());
        subject.Length.ShouldBeLessThanOrEqualTo(255);
        if (!isOpaque)
            Jwt(access).Subject.ShouldBe(subject);
        Text(await Json(await UserInfo(access)), "sub").ShouldBe(subject);
        Subject(await Introspect(Site.Browser(), client, secret, access)).ShouldBe(subject);
        var refresh = Text(tokens, "refresh_token");
        Subject(await Introspect(Site.Browser(), client, secret, refresh)).ShouldBe(subject);

        var refreshed = await Json(await Refresh(client, secret, refresh));
        Jwt(Text(refreshed, "id_token")).Subject.ShouldBe(subject);
        Text(await Json(await UserInfo(Text(refreshed, "access_token"))), "sub").ShouldBe(subject);
        Jwt(Text(await Tokens(user, client, secret), "id_token")).Subject.ShouldBe(subject, "it is stable");
        (JsonSerializer.Serialize(tokens) + JsonSerializer.Serialize(refreshed)).ShouldNotContain(user.Id.ToString());
    }

    [Fact]
    public async Task Differs_between_sectors_and_people_and_not_inside_a_sector()
    {
        var user = await AddUser();
        var one = await AddPairwise("https://one.test/cb");
        var two = await AddPairwise("https://two.test/cb");
        var beside = await AddPairwise("https://one.test/other");
        var sharing = await AddPairwise("https://three.test/cb", sector: "https://one.test/sector.json");

        var subject = await SubjectFor(user, one);

        (await SubjectFor(user, two)).ShouldNotBe(subject);
        (await SubjectFor(await AddUser(), one)).ShouldNotBe(subject);
        (await SubjectFor(user, beside)).ShouldBe(subject);
        (await SubjectFor(user, sharing)).ShouldBe(subject);
    }

    private Task<(Client Client, string Secret)> AddPairwise(string redirectUri, TokenFormat format = TokenFormat.Jwt, string? sector = null) =>
        AddClient(redirectUris: [redirectUri], format: format, change: client => client.Settings = new() { SubjectType = "pairwise", SectorIdentifierUri = sector });

    private async Task<string> SubjectFor(User user, (Client Client, string Secret) app) => Jwt(Text(await Tokens(user, app.Client, app.Secret), "id_token")).Subject;

    private static string Subject(string introspection) => JsonElement.Parse(introspection).GetProperty("sub").GetString()!;
}
