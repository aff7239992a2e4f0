using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Signet.Features;

/// <summary>A person allows or denies what an app asks for; a yes is remembered until it is withdrawn.</summary>
internal static partial class GiveConsent
{
    /// <param name="ReturnUrl">The authorization request that waits, as /oauth/authorize?….</param>
    /// <param name="Allows">True to allow, false to deny, null to be told what is asked.</param>
    /// <param name="Shown">What the person allows, as <see cref="Result.Asks.Shown"/> said it.</param>
    public sealed record Request(string ReturnUrl, bool? Allows = null, string? Shown = null) : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result switch
        {
            Result.Allowed allowed => new("consent given", $"client:{allowed.ClientId}", allowed.UserId, string.Join(' ', allowed.Scopes)),
            Result.Denied denied => new("consent denied", $"client:{denied.ClientId}", denied.UserId),
            _ => null,
        };
    }

    /// <summary>Every way this can end.</summary>
    public abstract record Result
    {
        public sealed record Asks(Authorize.Asked Asked, IReadOnlyList<Sentence> Sentences, IReadOnlyList<Detail> Details, DateTimeOffset? Until, bool HasLogo, string Shown) : Result;
        public sealed record Allowed(string ReturnUrl, string ClientId, Guid UserId, string[] Scopes) : Result;
        public sealed record Denied(Authorize.Destination To, string ClientId, Guid UserId) : Result;

        /// <summary>There is nothing to ask (any more): the authorization request answers for itself.</summary>
        public sealed record Passed(string ReturnUrl) : Result;
        public sealed record Unreadable : Result;
    }

    /// <summary>One object of <c>authorization_details</c> (RFC 9396 §2): what its type allows, at which API, and each of its members.</summary>
    public sealed record Detail(string Text, string Api, IReadOnlyList<(string Name, string Value)> Members);

    public sealed class Handler(
        AppDbContext db, IMediator mediator, ClientDirectory directory, Interaction interaction, Caller caller,
        IOptions<LifetimeOptions> lifetimes, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (Interaction.Waiting(request.ReturnUrl) is not { } parameters)
                return new Result.Unreadable();
            if (await mediator.Send(new Authorize.Question(parameters), ct) is not { } asked)
                return new Result.Passed(request.ReturnUrl);
            var userId = caller.RequireUserId;
            var shown = Fingerprint(asked);
            switch (request.Allows)
            {
                // A person allows what the page showed. What the app has become meanwhile is asked anew.
                case null:
                case true when request.Shown != shown:
                    return new Result.Asks(asked, await directory.Sentences(asked.Scopes, asked.Audiences, ct), await Details(asked, ct), asked.Scopes.Contains(Scopes.OfflineAccess) ? time.GetUtcNow() + lifetimes.Value.RefreshTokenAbsolute : null,
                        !asked.Client.IsUnverified && await db.ClientLogos.AnyAsync(logo => logo.ClientId == asked.Client.Id, ct), shown);
                case false:
                    return new Result.Denied(asked.To, asked.Client.Id, userId);
                default:
                    await Remember(asked, userId, ct);
                    var since = interaction.Of(asked.Waiting)?.Since ?? time.GetUtcNow();
                    return new Result.Allowed(interaction.Url(asked.Waiting, new Interaction.Note(since, userId)), asked.Client.Id, userId, asked.Scopes);
            }
        }

        private static string Fingerprint(Authorize.Asked asked) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', [asked.Client.Name, asked.Client.IsUnverified ? "unverified" : "", .. asked.Scopes, "", .. asked.Audiences, "", asked.Details?.ToString() ?? ""]))));

        private async Task Remember(Authorize.Asked asked, Guid userId, CancellationToken ct)
        {
            var consent = new Consent
            {
                UserId = userId,
                ClientId = asked.Client.Id,
                Scopes = asked.Scopes,
                Resources = asked.Audiences,
                GivenAt = time.GetUtcNow(),
            };
            if (await db.InsertIfAbsent(consent, ct))
                return;
            var known = await db.Consents.SingleAsync(row => row.UserId == userId && row.ClientId == asked.Client.Id, ct);
            known.Scopes = [.. known.Scopes.Union(asked.Scopes)];
            known.Resources = [.. known.Resources.Union(asked.Audiences)];
            known.GivenAt = time.GetUtcNow();
            await db.SaveChangesAsync(ct);
        }

        private async Task<IReadOnlyList<Detail>> Details(Authorize.Asked asked, CancellationToken ct)
        {
            var apis = (await directory.Resources(ct)).Where(api => asked.Audiences.Contains(api.Audience)).ToArray();
            return [.. asked.Details?.Items.Select(item =>
            {
                var (api, type) = apis.SelectMany(api => api.DetailsTypes.Select(type => (Api: api, Type: type))).First(known => known.Type.Name == AuthorizationDetails.TypeOf(item));
                return new Detail(type.Description, api.Name, [.. Members(item, "").Where(member => member.Name != "type")]);
            }) ?? []];
        }

        // Everything is shown, whatever its name: what the person does not see, the person did not allow.
        private static IEnumerable<(string Name, string Value)> Members(JsonElement value, string name) => value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Members(member.Value, name.Length == 0 ? member.Name : $"{name} {member.Name}")),
            JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) => [(name, string.Join(", ", value.EnumerateArray()))],
            JsonValueKind.Array => value.EnumerateArray().SelectMany((item, i) => Members(item, $"{name} {i + 1}")),
            _ => [(name, value.ToString())],
        };
    }
}
