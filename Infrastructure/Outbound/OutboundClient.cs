using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.Outbound;

/// <summary>
/// The one way out to addresses that an app's metadata names: https alone, no redirects, the address checked after the name was
/// resolved and then connected to as it is, 2 seconds, 64 KiB. What went wrong is for the log: whoever named the address
/// hears the same of everything, so that nobody can look into a network through Signet.
/// </summary>
internal sealed partial class OutboundClient : IDisposable
{
    public const int Largest = 64 * 1024;
    private const int LongestUri = 2000;
    private static readonly Oid ForServers = new("1.3.6.1.5.5.7.3.1");
    private readonly HttpClient http;
    private readonly OutboundOptions options;
    private readonly ILogger<OutboundClient> log;

    public OutboundClient(IOptions<SignetOptions> options, ILogger<OutboundClient> log)
    {
        (this.options, this.log) = (options.Value.Outbound, log);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = this.options.Patience,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1), // a name may come to mean another address
            MaxResponseHeadersLength = 16,
            ConnectCallback = Connect,
        };
        handler.SslOptions.CertificateChainPolicy = Tls.NothingFetched;
        if (this.options.CertificateAuthorities is { Length: > 0 } file)
            handler.SslOptions.RemoteCertificateValidationCallback = Trusting(CertificateAuthorities.Read("Signet:Outbound:CertificateAuthorities", file));
        http = new HttpClient(handler) { Timeout = this.options.Patience, MaxResponseContentBufferSize = Largest };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("Signet");
    }

    /// <summary>Why an app may not register this address, as the end of a sentence that begins with its name, or null.</summary>
    public static string? Objection(string uri) =>
        uri.Length > LongestUri || uri.Any(character => character is <= ' ' or > '~' or '\\' or '"' or '<' or '>') || !Uri.TryCreate(uri, UriKind.Absolute, out var parsed)
            || !uri.StartsWith("https://", StringComparison.Ordinal) || parsed.UserInfo.Length > 0 || parsed.Fragment.Length > 0 || uri.Contains('#', StringComparison.Ordinal)
            ? "must be an https address without user name and fragment"
            : null;

    /// <summary>The body of a 200, or null.</summary>
    public Task<byte[]?> Get(string uri, string accept, CancellationToken ct) => Send(new HttpRequestMessage(HttpMethod.Get, uri) { Headers = { { "Accept", accept } } }, ct);

    /// <summary>The JSON of a 200, or null.</summary>
    public async Task<JsonElement?> GetJson(string uri, CancellationToken ct) =>
        await Get(uri, "application/json", ct) is { } body ? Json(uri, body) : null;

    /// <summary>The JSON of a 200 that says it is JSON, and for how long it may be kept (RFC 9111 §4.2.1): null where it leaves that open; or null.</summary>
    public async Task<(JsonElement Document, TimeSpan? MaxAge)?> GetDocument(string uri, CancellationToken ct)
    {
        var answer = await Try(new HttpRequestMessage(HttpMethod.Get, uri) { Headers = { { "Accept", "application/json" } } }, ct);
        if (answer is not { Status: HttpStatusCode.OK, Body: { } body, Headers: { } headers, MediaType: var type })
            return null;
        if (type is null || (type != "application/json" && !type.EndsWith("+json", StringComparison.Ordinal)))
        {
            NotAnswered("GET", uri, "the media type is not application/json");
            return null;
        }

        return Json(uri, body) is { } document ? (document, headers.CacheControl switch
        {
            { NoStore: true } or { NoCache: true } => TimeSpan.Zero,
            { MaxAge: { } age } => age - (headers.Age ?? TimeSpan.Zero),
            _ => null,
        }) : null;
    }

    private JsonElement? Json(string uri, byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            if (Jws.IsUnicode(document.RootElement))
                return document.RootElement.Clone();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // the latter for names that are not Unicode
        {
        }

        NotAnswered("GET", uri, "the body is not JSON");
        return null;
    }

    /// <summary>Sends what was made for this address; true when it was taken with a 2xx.</summary>
    public async Task<bool> Post(string uri, HttpContent content, string? bearer, CancellationToken ct) => await TryPost(uri, content, bearer, ct) is null;

    /// <summary>The same; null when it was taken, and otherwise what went wrong, for administrators alone.</summary>
    public async Task<string?> TryPost(string uri, HttpContent content, string? bearer, CancellationToken ct)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
        if (bearer is not null)
            request.Headers.Authorization = new("Bearer", bearer);
        return (await Try(request, ct)).Error;
    }

    private async Task<byte[]?> Send(HttpRequestMessage request, CancellationToken ct) => (await Try(request, ct)).Body;

    private sealed record Outcome(byte[]? Body, string? Error, HttpStatusCode Status = default, HttpResponseHeaders? Headers = null, string? MediaType = null);

    private async Task<Outcome> Try(HttpRequestMessage request, CancellationToken ct)
    {
        using var owned = request;
        var uri = request.RequestUri!.OriginalString;
        if (Objection(uri) is { } objection)
            return new(null, objection);
        string error;
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, ct);
            if (response.IsSuccessStatusCode)
                return new(await response.Content.ReadAsByteArrayAsync(ct), null, response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant());
            error = ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !ct.IsCancellationRequested))
        {
            error = exception.GetBaseException().Message;
        }

        NotAnswered(request.Method.Method, uri, error);
        return new(null, error);
    }

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, ct);
        if (addresses is [] || !options.AllowPrivateNetworks && !addresses.All(PublicAddress.Is))
            throw new HttpRequestException("the name leads to no public address");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The name must be right in any case; a chain that ends at one of ours is as good as the system's.
    private static RemoteCertificateValidationCallback Trusting(X509Certificate2Collection authorities) => (_, certificate, presented, errors) =>
    {
        if (errors is SslPolicyErrors.None)
            return true;
        if (errors is not SslPolicyErrors.RemoteCertificateChainErrors || certificate is null)
            return false;
        using var chain = new X509Chain { ChainPolicy = Tls.NothingFetched.Clone() };
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ApplicationPolicy.Add(ForServers);
        if (presented is not null)
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore); // what the server sent to lead from its own to the authority
        return chain.Build((X509Certificate2)certificate);
    };

    public void Dispose() => http.Dispose();

    [LoggerMessage(24, LogLevel.Information, "{Method} {Uri} was not answered: {Reason}")]
    private partial void NotAnswered(string method, string uri, string reason);
}
