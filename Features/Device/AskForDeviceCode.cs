using System.Text.Json.Serialization;

namespace Signet.Features;

/// <summary>A device without a browser asks for a code that a person types in elsewhere (RFC 8628 §3.1).</summary>
internal static partial class AskForDeviceCode
{
    /// <param name="Client">The client, authenticated.</param>
    /// <param name="UserAgent">What the device says of itself.</param>
    public sealed record Request(Client Client, Parameters Parameters, string? UserAgent) : IRequest<Result>;

    /// <summary>Every way this can end.</summary>
    public abstract record Result
    {
        public sealed record Asked(Answer Answer) : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    /// <summary>The answer on the wire (RFC 8628 §3.2).</summary>
    public sealed record Answer(
        [property: JsonPropertyName("device_code")] string DeviceCode,
        [property: JsonPropertyName("user_code")] string UserCode,
        [property: JsonPropertyName("verification_uri")] string VerificationUri,
        [property: JsonPropertyName("verification_uri_complete")] string VerificationUriComplete,
        [property: JsonPropertyName("expires_in")] long ExpiresIn,
        [property: JsonPropertyName("interval")] int Interval);

    private static readonly Rule<Request>[] Rules =
    [
        new("the client may use the device grant", request => request.Client.GrantTypes.Contains(GrantTypes.DeviceCode)
            ? null : OAuthError.UnauthorizedClient.Saying($"This client is not registered for grant_type {GrantTypes.DeviceCode}.")),
    ];

    public sealed class Handler(
        AppDbContext db, PendingAuthorizations pending, AskingAllowance allowance, Caller caller,
        IOptions<SignetOptions> options, TimeProvider time) : IRequestHandler<Request, Result>
    {
        private const int Tries = 5;

        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var client = request.Client;
            if (Rules.FirstObjection(request) is { } objection)
                return new Result.Refused(objection);
            var wanted = await pending.Wanted(client, request.Parameters, ct);
            if (wanted is not Audiences.Result.Resolved covers)
                return new Result.Refused(((Audiences.Result.Refused)wanted).Error);
            if (!allowance.Take(client, Subscriber.Of(caller.RemoteAddress)))
                return new Result.Refused(OAuthError.SlowDown);

            var now = time.GetUtcNow();
            var lifetime = options.Value.Lifetimes.DeviceCode;
            var deviceCode = OpaqueValue.New(OpaqueValue.DeviceCode);
            for (var i = 0; i < Tries; i++) // one of the few codes that are waiting may be this one already
            {
                var userCode = UserCode.New();
                var isNew = await db.InsertIfAbsent(new PendingAuthorization
                {
                    Id = Guid.CreateVersion7(now),
                    Hash = deviceCode.Hash(),
                    UserCodeHash = UserCode.Hash(userCode),
                    GrantType = GrantTypes.DeviceCode,
                    ClientId = client.Id,
                    Scopes = covers.Scopes,
                    Audiences = covers.Audiences,
                    AcrValues = client.Settings.DefaultAcrValues ?? [],
                    Interval = PendingAuthorizations.Interval,
                    NextPollAt = now,
                    IpAddress = caller.IpAddress,
                    UserAgent = PendingAuthorizations.Shorten(request.UserAgent),
                    CreatedAt = now,
                    ExpiresAt = now + lifetime,
                }, ct);
                if (isNew)
                {
                    var (page, shown) = (options.Value.Url("/device"), UserCode.Show(userCode));
                    return new Result.Asked(new(deviceCode.Text, shown, page, $"{page}?user_code={shown}", (long)lifetime.TotalSeconds, PendingAuthorizations.Interval));
                }
            }

            return new Result.Refused(OAuthError.TemporarilyUnavailable);
        }
    }

    [JsonSerializable(typeof(Answer))]
    internal sealed partial class DeviceAnswerJson : JsonSerializerContext;
}
