using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Signet.Infrastructure.Jose;

namespace Signet.Tests.Infrastructure.OAuth;

/// <summary>Clients that publish their keys and change them without a word to us (OpenID Connect Registration §2, <c>jwks_uri</c>).</summary>
public sealed class RotatedKeysTests(PostgresSite site) : AssertionTest(site)
{
    [Fact]
    public async Task A_new_key_is_good_within_a_minute_and_one_that_was_taken_away_is_not()
    {
        await using var server = await OutsideServer.Start();
        var clock = new Clockwork();
        await using var node = Site.WithWebHostBuilder(builder =>
        {
            builder.Reach(server);
            builder.ConfigureTestServices(services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        });
        var http = node.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Site.Issuer), AllowAutoRedirect = false });
        var (first, second) = (PrivateKey.Generate(SigningAlgorithms.Es256), PrivateKey.Generate(SigningAlgorithms.Ps256));
        var client = await AddSigner(with: settings => settings with { Jwks = null, JwksUri = server.Url("/jwks") });
        string With(PrivateKey key, string algorithm) => Sign($$"""{"alg":"{{algorithm}}","kid":"{{key.Publish(algorithm).Id}}"}""", Claims(client.Id), key);
        server.AnswerJson("/jwks", KeySet((first, SigningAlgorithms.Es256)).GetRawText());
        for (var i = 0; i < 3; i++)
            await IsGood(await Ask(http, With(first, SigningAlgorithms.Es256)));
        server.Requests.Count.ShouldBe(1);

        server.AnswerJson("/jwks", KeySet((second, SigningAlgorithms.Ps256)).GetRawText());
        clock.Offset = TimeSpan.FromSeconds(15);

        await IsGood(await Ask(http, With(second, SigningAlgorithms.Ps256)), "the new key");
        await IsRefused(await Ask(http, With(first, SigningAlgorithms.Es256)), "the old key");
        server.Requests.Count.ShouldBe(2, "asked again for a key that is missing, but not for each");
    }

    // Tells points in time and measures them by the same offset.
    private sealed class Clockwork : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;

        public override long GetTimestamp() => System.GetTimestamp() + (long)(Offset.TotalSeconds * TimestampFrequency);
    }
}
