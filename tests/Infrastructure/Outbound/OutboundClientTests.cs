using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Signet.Infrastructure;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Outbound;

namespace Signet.Tests.Infrastructure.Outbound;

/// <summary>The way out, against a real server (T131, T132, T134–T136 of the usual attacks on it).</summary>
public sealed class OutboundClientTests : IAsyncLifetime
{
    private OutsideServer server = null!;

    public async ValueTask InitializeAsync() => server = await OutsideServer.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Fetches_what_is_answered_and_nothing_else()
    {
        using var outbound = Client(allowPrivate: true);
        server.AnswerJson("/ok", """{"a":1}""");
        server.AnswerJson("/text", "no json");
        server.AnswerJson("/large", $"\"{new string('x', OutboundClient.Largest)}\"");
        server.Answer("/moved", http =>
        {
            http.Response.Redirect(server.Url("/ok"));
            return Task.CompletedTask;
        });

        (await outbound.GetJson(server.Url("/ok"), Ct))!.Value.GetProperty("a").GetInt32().ShouldBe(1);
        foreach (var path in (string[])["/text", "/large", "/moved", "/nothing"])
        {
            (await outbound.GetJson(server.Url(path), Ct)).ShouldBeNull(path);
            (await outbound.GetDocument(server.Url(path), Ct)).ShouldBeNull(path);
        }

        server.Requests.Count(request => request.Path == "/ok").ShouldBe(1, "a redirect is not followed");
    }

    [Fact]
    public async Task Does_not_touch_an_address_inside()
    {
        using var outbound = Client(allowPrivate: false);
        server.AnswerJson("/ok", "{}");

        (await outbound.GetJson(server.Url("/ok"), Ct)).ShouldBeNull();
        (await outbound.GetJson($"https://127.0.0.1:{server.Port}/ok", Ct)).ShouldBeNull();
        (await outbound.GetJson($"https://[::1]:{server.Port}/ok", Ct)).ShouldBeNull();
        (await outbound.GetDocument(server.Url("/ok"), Ct)).ShouldBeNull();
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Fetches_no_issuer_that_a_servers_certificate_names()
    {
        using var bait = new BaitCertificate();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var greeted = Greet();
        using var outbound = Client(allowPrivate: true);

        (await outbound.GetJson($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/", Ct)).ShouldBeNull();

        await Task.WhenAny(greeted);
        bait.IsTaken.ShouldBeFalse();

        async Task Greet()
        {
            using var tcp = await listener.AcceptTcpClientAsync(Ct);
            await using var connection = new SslStream(tcp.GetStream());
            await connection.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(bait.Certificate, null, offline: true) }, Ct);
            _ = await connection.ReadAsync(new byte[1], Ct);
        }
    }

    [Fact]
    public async Task Keys_that_many_ask_for_at_once_are_fetched_once()
    {
        using var outbound = Client(allowPrivate: true);
        var keys = new RemoteKeys(outbound, TimeProvider.System);
        var key = NewKey();
        var (asked, answered) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Answer("/jwks", async http =>
        {
            asked.TrySetResult();
            await answered.Task;
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync($$"""{"keys":[{{key.Jwk}}]}""");
        });

        var first = keys.For(Signed(key.Id), null, server.Url("/jwks"), Ct).AsTask();
        await asked.Task;
        var others = Enumerable.Range(0, 20).Select(_ => keys.For(Signed(key.Id), null, server.Url("/jwks"), Ct).AsTask()).ToArray();
        answered.SetResult();

        foreach (var found in await Task.WhenAll([first, .. others]))
            found.ShouldHaveSingleItem();
        server.Requests.Count.ShouldBe(1);
    }

    [Theory] // RFC 9111 §4.2.1
    [InlineData("max-age=600", null, 600)]
    [InlineData("max-age=600", "100", 500)]
    [InlineData("no-store", null, 0)]
    [InlineData(null, null, null)]
    public async Task Says_for_how_long_a_document_may_be_kept(string? cacheControl, string? age, int? seconds)
    {
        using var outbound = Client(allowPrivate: true);
        server.Answer("/ok", http =>
        {
            http.Response.ContentType = "application/json";
            http.Response.Headers.CacheControl = cacheControl;
            http.Response.Headers.Age = age;
            return http.Response.WriteAsync("{}");
        });

        (await outbound.GetDocument(server.Url("/ok"), Ct))!.Value.MaxAge.ShouldBe(seconds is { } given ? TimeSpan.FromSeconds(given) : null);
    }

    [Fact]
    public async Task Trusts_no_certificate_that_nobody_vouches_for()
    {
        using var outbound = Client(allowPrivate: true, trusts: false);
        server.AnswerJson("/ok", "{}");

        (await outbound.GetJson(server.Url("/ok"), Ct)).ShouldBeNull();
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://app.test/jwks")]
    [InlineData("https://user@app.test/jwks")]
    [InlineData("https://app.test/jwks#x")]
    [InlineData("https://app.test/jw ks")]
    [InlineData("ftp://app.test/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("jwks")]
    [InlineData("https://app.test\\@evil.test/")]
    public void Only_https_addresses_can_be_registered(string uri) => OutboundClient.Objection(uri).ShouldNotBeNull();

    [Theory]
    [InlineData("93.184.216.34", true)]
    [InlineData("2606:2800:220:1:248:1893:25c8:1946", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.255.0.9", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("192.168.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("64:ff9b::5db8:d822", true)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    public void Knows_which_addresses_are_public(string address, bool isPublic) => PublicAddress.Is(IPAddress.Parse(address)).ShouldBe(isPublic);

    [Fact]
    public async Task A_key_that_was_just_added_is_found_and_a_server_that_is_asked_in_vain_is_left_alone()
    {
        using var outbound = Client(allowPrivate: true);
        var clock = new TestTimestamps();
        var keys = new RemoteKeys(outbound, clock);
        var (old, added) = (NewKey(), NewKey());
        server.AnswerJson("/jwks", $$"""{"keys":[{{old.Jwk}}]}""");
        (await keys.For(Signed(old.Id), null, server.Url("/jwks"), Ct)).ShouldHaveSingleItem();

        server.AnswerJson("/jwks", $$"""{"keys":[{{old.Jwk}},{{added.Jwk}}]}""");
        (await keys.For(Signed(added.Id), null, server.Url("/jwks"), Ct)).ShouldBeEmpty("it was asked a moment ago");
        clock.Advance(TimeSpan.FromSeconds(11));
        (await keys.For(Signed(added.Id), null, server.Url("/jwks"), Ct)).ShouldHaveSingleItem();

        server.Answer("/jwks", http =>
        {
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        });
        clock.Advance(TimeSpan.FromMinutes(6));
        (await keys.For(Signed(old.Id), null, server.Url("/jwks"), Ct)).ShouldHaveSingleItem("known keys outlive an outage");
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private OutboundClient Client(bool allowPrivate, bool trusts = true) => new(
        Options.Create(new SignetOptions { Outbound = new() { AllowPrivateNetworks = allowPrivate, CertificateAuthorities = trusts ? server.CertificateFile : null, Patience = OutsideSettings.Patience } }),
        NullLogger<OutboundClient>.Instance);

    private static (string Id, string Jwk) NewKey() => PrivateKey.Generate(SigningAlgorithms.Es256).Publish(SigningAlgorithms.Es256);

    private static Jws Signed(string kid) => Jws.Read(
        $"{System.Buffers.Text.Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { alg = "ES256", kid }))}.e30.AAAA", 4096)!;

    private sealed class TestTimestamps : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => ticks += by.Ticks;

        public override long GetTimestamp() => ticks;
    }
}
