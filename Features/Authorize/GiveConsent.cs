using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Signet.Features;

/// <summary>A person allows or denies what an app asks for; a yes is remembered until it is withdrawn.</summary>
internal static partial class GiveConsent
{
    /// <param name="ReturnUrl">The authorization request that waits, as /oauth/authorize?….</param>
    /// <param name="Allows">True to allow, false to deny, null to be told what is asked.</param>
    public sealed record Request(string ReturnUrl, bool? Allows = null) : IRequest<Result>, IAudited<Result>
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
        public sealed record Asks(Authorize.Asked Asked, IReadOnlyList<Sentence> Sentences, DateTimeOffset? Until) : Result;
        public sealed record Allowed(string ReturnUrl, string ClientId, Guid UserId, string[] Scopes) : Result;
        public sealed record Denied(Authorize.Destination To, string ClientId, Guid UserId) : Result;

        /// <summary>There is nothing to ask (any more): the authorization request answers for itself.</summary>
        public sealed record Passed(string ReturnUrl) : Result;
        public sealed record Unreadable : Result;
    }

    /// <summary>One scope in plain words, and the API that it belongs to (null for Signet itself).</summary>
    public sealed record Sentence(string Scope, string Text, string? Api);

    public sealed class Handler(
        AppDbContext db, IMediator mediator, ClientDirectory directory, Interaction interaction, Caller caller,
        IOptions<LifetimeOptions> lifetimes, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (Read(request.ReturnUrl) is not { } parameters)
                return new Result.Unreadable();
            if (await mediator.Send(new Authorize.Request(parameters), ct) is not Authorize.Result.NeedsConsent { Asked: var asked })
                return new Result.Passed(request.ReturnUrl);
            var userId = caller.RequireUserId;
            switch (request.Allows)
            {
                case null:
                    return new Result.Asks(asked, await Sentences(asked, ct), asked.Scopes.Contains(Scopes.OfflineAccess) ? time.GetUtcNow() + lifetimes.Value.RefreshTokenAbsolute : null);
                case false:
                    return new Result.Denied(asked.To, asked.Client.Id, userId);
                default:
                    await Remember(asked, userId, ct);
                    var since = interaction.Of(parameters)?.Since ?? time.GetUtcNow();
                    return new Result.Allowed(interaction.Url(parameters, new Interaction.Note(since, userId)), asked.Client.Id, userId, asked.Scopes);
            }
        }

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

        private async Task<IReadOnlyList<Sentence>> Sentences(Authorize.Asked asked, CancellationToken ct)
        {
            var apis = (await directory.Resources(ct)).Where(api => asked.Audiences.Contains(api.Audience)).ToArray();
            return [.. asked.Scopes.SelectMany(scope => Scopes.OfSignet.TryGetValue(scope, out var own)
                ? [new Sentence(scope, own, null)]
                : apis.SelectMany(api => api.Scopes.Where(known => known.Name == scope).Select(known => new Sentence(scope, known.Description, api.Name)))),
                .. apis.Where(api => api.Scopes.Count == 0).Select(api => new Sentence("", "Use it for you", api.Name))];
        }

        private static Parameters? Read(string returnUrl) => returnUrl.StartsWith("/oauth/authorize?", StringComparison.Ordinal) && returnUrl.All(character => character is > ' ' and <= '~')
            ? Parameters.From(QueryHelpers.ParseQuery(returnUrl["/oauth/authorize".Length..]).Select(pair => new KeyValuePair<string, StringValues>(pair.Key, pair.Value)))
            : null;
    }
}
