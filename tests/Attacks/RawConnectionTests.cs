using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Signet.Tests.Journeys;

namespace Signet.Tests.Attacks;

/// <summary>Bytes that no client would send, on a real connection.</summary>
public sealed class RawConnectionTests(LiveSite site) : SliceTest(site), IClassFixture<LiveSite>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private Uri Address => ((LiveSite)Site).Address;

    [Theory] // T147: one request, refused, and the connection is closed before anything that was smuggled behind it is answered
    [InlineData("a newline in a chunk extension", "Transfer-Encoding: chunked", "2;\nxx\r\nab\r\n0\r\n\r\n")]
    [InlineData("a carriage return in a chunk extension", "Transfer-Encoding: chunked", "2;a\rb\r\nab\r\n0\r\n\r\n")]
    [InlineData("a chunk length that is none", "Transfer-Encoding: chunked", "0x2\r\nab\r\n0\r\n\r\n")]
    [InlineData("a negative chunk length", "Transfer-Encoding: chunked", "-2\r\nab\r\n0\r\n\r\n")]
    [InlineData("a chunk that is longer than it says", "Transfer-Encoding: chunked", "1\r\nab\r\n0\r\n\r\n")]
    [InlineData("two lengths", "Content-Length: 4\r\nContent-Length: 0", "a=bc")]
    [InlineData("two equal lengths", "Content-Length: 4\r\nContent-Length: 4", "a=bc")]
    [InlineData("a list of lengths", "Content-Length: 4, 4", "a=bc")]
    [InlineData("a negative length", "Content-Length: -1", "a=bc")]
    [InlineData("a huge length", "Content-Length: 99999999999999999999999", "a=bc")]
    [InlineData("a coding behind chunked", "Transfer-Encoding: chunked, identity", "0\r\n\r\n")]
    [InlineData("an unknown coding", "Transfer-Encoding: xchunked", "0\r\n\r\n")]
    [InlineData("a folded header", "X-Folded: a\r\n b\r\nContent-Length: 4", "a=bc")]
    [InlineData("a space before the colon", "Content-Length : 4", "a=bc")]
    [InlineData("a bare carriage return in a header", "X-Bare: a\rContent-Length: 4", "a=bc")]
    [InlineData("a NUL in a header", "X-Nul: a\0b\r\nContent-Length: 4", "a=bc")]
    [InlineData("a second host", "Host: evil.test\r\nContent-Length: 4", "a=bc")]
    public async Task A_request_that_two_servers_could_read_differently(string what, string headers, string body)
    {
        var answers = await Say($"POST /oauth/token HTTP/1.1\r\nHost: {Address.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\n{headers}\r\n\r\n{body}"
            + $"GET /health/live HTTP/1.1\r\nHost: {Address.Authority}\r\n\r\n");

        answers.ShouldStartWith("HTTP/1.1 400", Case.Sensitive, what);
        answers.ShouldNotContain("\"alive\"", Case.Sensitive, what);
        answers.Split("HTTP/1.1 ").Length.ShouldBe(2, what);
    }

    [Fact] // T147: RFC 9112 §6.1: chunked wins, the length is dropped, and the connection ends
    public async Task A_length_beside_chunked_counts_for_nothing()
    {
        var answers = await Say($"POST /oauth/token HTTP/1.1\r\nHost: {Address.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            + $"GET /health/live HTTP/1.1\r\nHost: {Address.Authority}\r\n\r\n");

        answers.ShouldStartWith("HTTP/1.1 40");
        answers.ShouldNotContain("\"alive\"");
    }

    [Theory]
    [InlineData("HTTP/1.1\r\n", 400)] // no host
    [InlineData("HTTP/1.1\r\nHost: a b\r\n", 400)]
    [InlineData("HTTP/1.1\r\nHost: evil.test/path\r\n", 400)]
    [InlineData("HTTP/3.7\r\nHost: id.test\r\n", 505)]
    public async Task A_request_line_or_host_that_is_none(string rest, int status) =>
        (await Say($"GET /health/live {rest}Connection: close\r\n\r\n")).ShouldStartWith($"HTTP/1.1 {status}");

    [Fact] // T095
    public async Task An_absolute_address_in_the_request_line_moves_nothing()
    {
        var answer = await Say($"GET http://evil.test/account HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n");

        answer.ShouldNotContain("evil.test");
        answer.ShouldContain("Location: /login?returnUrl=%2Faccount");
    }

    [Theory] // T148, T141
    [InlineData("a thousand headers", 1000, 5, 431)]
    [InlineData("100 KB in one header", 1, 100_000, 431)]
    [InlineData("60 KB in ninety headers", 90, 700, 431)]
    public async Task Floods_of_headers(string what, int count, int length, int status) =>
        (await Say($"GET /health/live HTTP/1.1\r\nHost: {Address.Authority}\r\n{string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('h', length)}\r\n"))}\r\n"))
            .ShouldStartWith($"HTTP/1.1 {status}", Case.Sensitive, what);

    [Theory] // T141
    [InlineData("state")]
    [InlineData("nonce")]
    [InlineData("scope")]
    [InlineData("login_hint")]
    [InlineData("ui_locales")]
    [InlineData("acr_values")]
    [InlineData("claims")]
    public async Task A_parameter_of_a_hundred_thousand_characters(string name)
    {
        (await Say($"GET /oauth/authorize?client_id=web&{name}={new string('a', 100_000)} HTTP/1.1\r\nHost: {Address.Authority}\r\n\r\n")).ShouldStartWith("HTTP/1.1 414");
        (await Say(Form("/oauth/authorize", $"client_id=web&{name}={new string('a', 100_000)}"))).ShouldStartWith("HTTP/1.1 4");
    }

    [Theory] // T138, T143
    [InlineData("/oauth/token")]
    [InlineData("/oauth/introspect")]
    [InlineData("/oauth/revoke")]
    [InlineData("/oauth/authorize")]
    [InlineData("/login")]
    [InlineData("/signup")]
    public async Task Bodies_that_are_too_large_or_of_too_many_fields(string url)
    {
        // What says its length is refused before it is read; what does not, as soon as it is over the limit.
        (await Say($"POST {url} HTTP/1.1\r\nHost: {Address.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000000\r\n\r\nInput.Password=")).ShouldStartWith("HTTP/1.1 413", Case.Sensitive, url);
        (await Say($"POST {url} HTTP/1.1\r\nHost: {Address.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n{Chunks(5_000_000)}")).ShouldStartWith("HTTP/1.1 4", Case.Sensitive, url);
        (await Say(Form(url, string.Join('&', Enumerable.Range(0, 20_000).Select(i => $"k{i}=v"))))).ShouldStartWith("HTTP/1.1 400", Case.Sensitive, url);
        (await Say(Form(url, string.Join('&', Enumerable.Repeat("a=b", 20_000))))).ShouldStartWith("HTTP/1.1 400", Case.Sensitive, url);
        (await Say($"GET /health/live HTTP/1.1\r\nHost: {Address.Authority}\r\nConnection: close\r\n\r\n")).ShouldContain("alive");
    }

    [Fact] // T143
    public async Task A_body_that_drips_is_given_up_and_others_are_served_meanwhile()
    {
        await using var slow = await Connect();
        await slow.WriteAsync(Encoding.ASCII.GetBytes($"POST /oauth/token HTTP/1.1\r\nHost: {Address.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ng"), Ct);
        var answer = ReadToEnd(slow);

        (await Say($"GET /health/live HTTP/1.1\r\nHost: {Address.Authority}\r\nConnection: close\r\n\r\n")).ShouldContain("alive");
        (await answer).ShouldStartWith("HTTP/1.1 408");
    }

    [Fact] // T148
    public async Task Streams_that_are_opened_and_reset_at_once_end_their_connection_and_no_other()
    {
        await using var connection = await Connect(SslApplicationProtocol.Http2);
        byte[] opening = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(type: 4, flags: 0, stream: 0, [])];
        byte[] request = [0x82, 0x87, 0x04, 12, .. "/health/live"u8, 0x01, (byte)Address.Authority.Length, .. Encoding.ASCII.GetBytes(Address.Authority)];
        var ended = ReadToEnd(connection);
        await connection.WriteAsync(opening, Ct);
        try
        {
            foreach (var streams in Enumerable.Range(0, 10_000).Chunk(250)) // at once, so that they pile up however fast they are served
                await connection.WriteAsync((byte[])[.. streams.SelectMany(i => (byte[])[.. Frame(type: 1, flags: 5, stream: 2 * i + 1, request), .. Frame(type: 3, flags: 0, stream: 2 * i + 1, [0, 0, 0, 8])])], Ct);
        }
        catch (IOException)
        {
            // closed already: what is hoped for
        }

        await ended;
        (await Say($"GET /health/live HTTP/1.1\r\nHost: {Address.Authority}\r\nConnection: close\r\n\r\n")).ShouldContain("alive");
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    private string Form(string url, string body) =>
        $"POST {url} HTTP/1.1\r\nHost: {Address.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";

    private static string Chunks(int length)
    {
        var chunk = $"10000\r\n{new string('x', 65_536)}\r\n";
        return string.Concat(Enumerable.Repeat(chunk, length / 65_536)) + "0\r\n\r\n";
    }

    /// <summary>Says it on a connection of its own, and returns everything that comes back until the server closes.</summary>
    private async Task<string> Say(string text)
    {
        await using var connection = await Connect();
        var answer = ReadToEnd(connection);
        try
        {
            await connection.WriteAsync(Encoding.Latin1.GetBytes(text), Ct);
        }
        catch (IOException)
        {
            // refused before all of it was said
        }

        return await answer;
    }

    private async Task<SslStream> Connect(SslApplicationProtocol? protocol = null)
    {
        _ = Site.Services;
        using var known = X509CertificateLoader.LoadCertificateFromFile(((LiveSite)Site).CertificateFile);
        var tcp = new TcpClient();
        await tcp.ConnectAsync("localhost", Address.Port, Ct);
        var connection = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false);
        await connection.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [protocol ?? SslApplicationProtocol.Http11],
            RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetCertHashString() == known.GetCertHashString(),
        }, Ct);
        return connection;
    }

    private static async Task<string> ReadToEnd(SslStream connection)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(Patience);
        var (all, buffer) = (new StringBuilder(), new byte[16_384]);
        try
        {
            while (await connection.ReadAsync(buffer, patience.Token) is > 0 and var read)
                all.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // reset instead of closed
        }

        return all.ToString();
    }
}
