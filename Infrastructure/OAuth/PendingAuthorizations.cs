namespace Signet.Infrastructure.OAuth;

/// <summary>
/// Asks for and decides what waits for a person. The decision stands under the same policy as a code: the app, the person and
/// the session in which it is made must be good at that moment, and it is one conditional update, so there is one.
/// </summary>
internal sealed class PendingAuthorizations(AppDbContext db, Standings standings, Audiences audiences, ClientDirectory directory, Caller caller, Doorway doorway, TimeProvider time)
{
    /// <summary>The seconds between two polls, until one comes too soon (RFC 8628 §3.2, CIBA §7.3).</summary>
    public const int Interval = 5;
    private const int LongestUserAgent = 256;

    public abstract record Decision
    {
        public sealed record Approved(PendingAuthorization Of) : Decision;
        public sealed record Denied(PendingAuthorization Of) : Decision;

        /// <summary>The person allowed it and may not: it is denied.</summary>
        public sealed record Forbidden(PendingAuthorization Of, string Reason) : Decision;

        /// <summary>What is asked takes more than this session has proved; it is not decided yet.</summary>
        public sealed record NeedsProof(Doorway.Admission Missing) : Decision;

        /// <summary>It is expired, decided already, or not this person's.</summary>
        public sealed record Gone : Decision;
    }

    /// <summary>What the app may ask for: what it names, else all that it is registered for but staying on.</summary>
    public async ValueTask<Audiences.Result> Wanted(Client client, Parameters parameters, CancellationToken ct)
    {
        var scopes = parameters["scope"] is { } scope
            ? Scopes.Parse(scope)
            : [.. client.Scopes.Where(known => known != Scopes.OfflineAccess)];
        if (scopes is null)
            return new Audiences.Result.Refused(OAuthError.InvalidScope.Saying("scope must be a list of scope tokens, separated by spaces."));
        if (scopes.Except(client.Scopes).Any())
            return new Audiences.Result.Refused(OAuthError.InvalidScope.Saying("The app is not registered for one of the scopes; add it to the app first."));
        return await audiences.OfGrant(scopes, parameters.Resources, ct);
    }

    /// <summary>What a device says of itself, in a line that a person can read.</summary>
    public static string? Shorten(string? userAgent) =>
        DisplayName.Clean(userAgent) is { Length: > 0 } clean ? DisplayName.Shorten(clean, LongestUserAgent) : null;

    /// <summary>Those of a grant that a person can decide on now.</summary>
    public IQueryable<PendingAuthorization> Open(string grantType)
    {
        var now = time.GetUtcNow();
        return db.PendingAuthorizations.Where(pending => pending.GrantType == grantType && pending.Status == PendingStatus.Waiting && pending.ExpiresAt > now);
    }

    /// <summary>The signed-in person decides on the one in <paramref name="meant"/>.</summary>
    public async Task<Decision> Decide(IQueryable<PendingAuthorization> meant, bool allows, CancellationToken ct)
    {
        var userId = caller.RequireUserId;
        var own = meant.Where(pending => pending.UserId == null || pending.UserId == userId);
        if (await own.AsNoTracking().FirstOrDefaultAsync(ct) is not { } pending)
            return new Decision.Gone();
        var sid = caller.SessionId;
        var session = await db.Sessions.AsNoTracking().SingleAsync(row => row.Id == sid, ct);
        var standing = await standings.Of(db, pending.ClientId, userId, null, session.Id, null);
        var objection = standings.Objection(standing, standing.Epoch, pending.ClientId, userId, null, session.Id) ?? await Objection(pending, ct);
        if (allows && objection is null)
        {
            if (!new AcrDemand(pending.AcrValues, IsEssential: false).IsMetBy(session.Methods))
                return new Decision.NeedsProof(await doorway.StepUp(session, ct));
            if (ClientRules.AskForProof(pending.Scopes, caller, time.GetUtcNow()))
                return new Decision.NeedsProof(Doorway.Admission.NeedsConfirmation);
            return await own.ExecuteUpdateAsync(set => set
                .SetProperty(row => row.Status, PendingStatus.Approved)
                .SetProperty(row => row.UserId, userId)
                .SetProperty(row => row.SessionId, session.Id)
                .SetProperty(row => row.AuthenticatedAt, session.AuthenticatedAt)
                .SetProperty(row => row.Methods, session.Methods)
                .SetProperty(row => row.Stamp, standing.UserStamp)
                .SetProperty(row => row.Epoch, standing.Epoch), ct) == 1 ? new Decision.Approved(pending) : new Decision.Gone();
        }

        return await own.ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, PendingStatus.Denied).SetProperty(row => row.UserId, userId), ct) == 0 ? new Decision.Gone()
            : allows ? new Decision.Forbidden(pending, objection!) : new Decision.Denied(pending);
    }

    // What the app was registered for may have changed while the person was looking.
    private async Task<string?> Objection(PendingAuthorization pending, CancellationToken ct) =>
        await directory.Find(pending.ClientId, ct) is not { } client ? "the app was removed"
        : !client.GrantTypes.Contains(pending.GrantType) ? "the app is no longer registered for the grant"
        : pending.Scopes.Except(client.Scopes).Any() ? "the app is no longer registered for one of the scopes"
        : null;
}
