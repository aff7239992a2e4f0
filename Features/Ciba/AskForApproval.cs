using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.DataProtection;
using Signet.Infrastructure.Jose;
using Signet.Infrastructure.Mail;

namespace Signet.Features;

/// <summary>
/// An app asks a person whom it knows, who is elsewhere, to sign in and allow something (OpenID Connect CIBA §7). The person is
/// told by mail and decides on their account page.
/// </summary>
internal static partial class AskForApproval
{
    /// <param name="Client">The client, authenticated.</param>
    /// <param name="UserAgent">What the app says of itself.</param>
    public sealed record Request(Client Client, Parameters Parameters, string? UserAgent) : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result is Result.Asked asked ? new("approval asked for", $"client:{Client.Id}", asked.UserId) : null;
    }

    /// <summary>Every way this can end.</summary>
    public abstract record Result
    {
        public sealed record Asked(Answer Answer, Guid UserId) : Result;
        public sealed record Refused(OAuthError Error) : Result;
    }

    /// <summary>The answer on the wire (CIBA §7.3).</summary>
    public sealed record Answer(
        [property: JsonPropertyName("auth_req_id")] string AuthenticationRequestId,
        [property: JsonPropertyName("expires_in")] long ExpiresIn,
        [property: JsonPropertyName("interval")] int Interval);

    public sealed class Handler(
        AppDbContext db, PendingAuthorizations pending, AskingAllowance allowance, RequestObjects objects, Once once, TokenReader tokens, Subjects subjects, Notices notices, Caller caller,
        IDataProtectionProvider protection, IOptions<LifetimeOptions> lifetimes, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (FirstRules.FirstObjection(request) is { } early)
                return new Result.Refused(early);
            if (SigningAlgorithm(request) is { } algorithm)
            {
                var outcome = await objects.ReadAuthenticationRequest(request.Client, request.Parameters["request"], algorithm, time.GetUtcNow(), once, ct);
                if (outcome is not RequestObjects.Outcome.Read signed)
                    return new Result.Refused(((RequestObjects.Outcome.Refused)outcome).Error);
                request = request with { Parameters = signed.Parameters };
            }

            if (Rules.FirstObjection(request) is { } objection)
                return new Result.Refused(objection);
            return await Ask(request, ct);
        }

        private async Task<Result> Ask(Request request, CancellationToken ct)
        {
            var (client, parameters) = (request.Client, request.Parameters);
            var wanted = await pending.Wanted(client, parameters, ct);
            if (wanted is not Audiences.Result.Resolved covers)
                return new Result.Refused(((Audiences.Result.Refused)wanted).Error);
            // An app that may ask here was chosen by an administrator, so it is told who is unknown, as CIBA §13 wants it.
            if (await Who(client, parameters, ct) is not { } userId || !await db.Users.AnyAsync(user => user.Id == userId && user.DisabledAt == null, ct))
                return new Result.Refused(parameters.Has("id_token_hint") ? OAuthError.UnknownUserId.Saying("id_token_hint must be an ID token of this issuer for this client and a person who can be asked.") : OAuthError.UnknownUserId);
            if (!allowance.Take(client, userId.ToString()))
                return new Result.Refused(OAuthError.SlowDown);

            var now = time.GetUtcNow();
            var lifetime = Lifetime(parameters);
            var id = OpaqueValue.New(OpaqueValue.AuthenticationRequest);
            await db.InsertIfAbsent(new PendingAuthorization
            {
                Id = Guid.CreateVersion7(now),
                Hash = id.Hash(),
                GrantType = GrantTypes.Ciba,
                ClientId = client.Id,
                UserId = userId,
                Scopes = covers.Scopes,
                Audiences = covers.Audiences,
                BindingMessage = parameters["binding_message"],
                AcrValues = parameters["acr_values"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? client.Settings.DefaultAcrValues ?? [],
                Interval = PendingAuthorizations.Interval,
                NextPollAt = now,
                SealedPing = Pings(client) ? PingApp.Seal(protection, id, parameters["client_notification_token"]!) : null,
                IpAddress = caller.IpAddress,
                UserAgent = PendingAuthorizations.Shorten(request.UserAgent),
                CreatedAt = now,
                ExpiresAt = now + lifetime,
            }, ct);
            await Tell(client, userId, parameters["binding_message"]);
            return new Result.Asked(new(id.Text, (long)lifetime.TotalSeconds, PendingAuthorizations.Interval), userId);
        }

        private Task Tell(Client client, Guid userId, string? message) => notices.Tell(
            userId,
            $"{client.Name} asks for your approval",
            message is null ? $"The app {client.Name} asks you to approve something." : $"The app {client.Name} asks you to approve something, and says: “{message}”",
            "Look at what it asks, and allow it only if you expect it; without you it gets nothing:",
            "/account/approvals");

        /// <summary>An app may want less time for the person than the installation gives, never more.</summary>
        private TimeSpan Lifetime(Parameters parameters)
        {
            var most = lifetimes.Value.DeviceCode;
            return parameters["requested_expiry"] is { } text && TimeSpan.FromSeconds(int.Parse(text, CultureInfo.InvariantCulture)) is var asked && asked < most ? asked : most;
        }

        private async Task<Guid?> Who(Client client, Parameters parameters, CancellationToken ct)
        {
            if (parameters["id_token_hint"] is { } token)
                return await OfToken(client, token, ct);
            if (parameters["login_hint"] is not { Length: <= 256 } hint)
                return null;
            if (hint.Contains('@', StringComparison.Ordinal))
                return await db.UserIdMeantBy(hint, ct);
            return Guid.TryParse(hint, out var id) && await subjects.Of(client, id, ct) == hint ? id : null;
        }

        private async Task<Guid?> OfToken(Client client, string token, CancellationToken ct)
        {
            if (await tokens.ReadSigned(token, TokenWriter.IdTokenType, SigningAlgorithms.All, mayBeExpired: true, ct) is not { } hinted || hinted["aud"] != client.Id)
                return null;
            // A pairwise subject does not tell who it is of, but the session in the token does.
            var userId = Guid.TryParse(hinted["sid"], out var sid) ? await db.Sessions.Where(session => session.Id == sid).Select(session => (Guid?)session.UserId).FirstOrDefaultAsync(ct) : null;
            userId ??= Guid.TryParse(hinted["sub"], out var subject) ? subject : null;
            return userId is { } id && await subjects.Of(client, id, ct) == hinted["sub"] ? id : null;
        }
    }

    [JsonSerializable(typeof(Answer))]
    internal sealed partial class ApprovalAnswerJson : JsonSerializerContext;
}
