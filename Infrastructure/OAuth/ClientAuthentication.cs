using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;

namespace Signet.Infrastructure.OAuth;

/// <summary>Who the calling app is (RFC 6749 §2.3): <c>client_secret_basic</c>, <c>client_secret_post</c>, or <c>none</c> for public clients.</summary>
internal sealed class ClientAuthentication(ClientDirectory directory, FailedSecrets failures, LastUse lastUse, TimeProvider time)
{
    public abstract record Result
    {
        public sealed record Identified(Client Client) : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    public async ValueTask<Result> Identify(HttpRequest request, Parameters parameters, CancellationToken ct)
    {
        var header = request.Headers.Authorization;
        if (header.Count > 1 || parameters.Repeated is not null)
            return Refuse(OAuthError.InvalidRequest.Saying("Authenticate the client once, in one way."));
        var posted = parameters["client_secret"];
        string? id, secret;
        string method;
        if (header is [{ Length: > 0 } credentials])
        {
            if (!TryReadBasic(credentials, out id, out secret))
                return Refuse(OAuthError.InvalidClient.Because("unreadable Authorization header"));
            if (parameters.Has("client_secret"))
                return Refuse(OAuthError.InvalidRequest.Saying("Send the client secret in the header or in the body, not in both (RFC 6749 section 2.3)."));
            if (parameters["client_id"] is { } other && other != id)
                return Refuse(OAuthError.InvalidClient.Because("client_id differs from the Authorization header"));
            method = "client_secret_basic";
        }
        else
        {
            (id, secret) = (parameters["client_id"], posted);
            method = parameters.Has("client_secret") ? "client_secret_post" : "none";
        }

        if (id is not { Length: > 0 and <= 128 })
            return Refuse(OAuthError.InvalidClient.Saying("Say who the client is: client_id with client_secret, in the Authorization header or in the body."));
        var source = $"{id}|{Subscriber.Of(request.HttpContext.Connection.RemoteIpAddress)}";
        if (await directory.Find(id, ct) is not { DisabledAt: null } client || !Proves(client, method, secret))
        {
            // Only wrong secrets are slowed down: nobody can lock a client out of its own door.
            if (failures.IsExhausted(source))
                return Refuse(OAuthError.SlowDown);
            failures.Count(source);
            return Refuse(OAuthError.InvalidClient.Because($"client {id.Length} characters, method {method}"));
        }

        return new Result.Identified(client);
    }

    private bool Proves(Client client, string method, string? secret)
    {
        if (!client.AuthenticationMethods.Contains(method))
            return false;
        if (method == "none")
            return true;
        if (string.IsNullOrWhiteSpace(secret))
            return false;
        var hash = new Secret(secret).Hash();
        var now = time.GetUtcNow();
        var match = client.Secrets.FirstOrDefault(known =>
            CryptographicOperations.FixedTimeEquals(known.Hash, hash) && (known.ExpiresAt is null || known.ExpiresAt > now));
        if (match is null)
            return false;
        lastUse.Of(match);
        return true;
    }

    // §2.3.1: id and secret are form-encoded before they are joined and base64-encoded.
    private static bool TryReadBasic(string header, out string? id, out string? secret)
    {
        (id, secret) = (null, null);
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) || header.Length > 2048)
            return false;
        try
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..].Trim()));
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                return false;
            id = Decode(pair[..colon]);
            secret = Decode(pair[(colon + 1)..]);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static Result.Refused Refuse(OAuthError error) => new(error);
}

/// <summary>Slows whoever guesses a client's secret, by client and address, without touching the client's own good requests elsewhere.</summary>
internal sealed class FailedSecrets : IDisposable
{
    private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(source =>
        RateLimitPartition.GetSlidingWindowLimiter(source, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = 50,
            Window = TimeSpan.FromMinutes(1),
            SegmentsPerWindow = 6,
            QueueLimit = 0,
        }));

    public bool IsExhausted(string source) => limiter.GetStatistics(source)?.CurrentAvailablePermits == 0;

    public void Count(string source) => limiter.AttemptAcquire(source).Dispose();

    public void Dispose() => limiter.Dispose();
}
