namespace Signet.Features;

internal static partial class IssueToken
{
    /// <summary>
    /// An app asks whether a person has decided elsewhere (RFC 8628 §3.4, CIBA §10.1). Every poll that waits is one conditional
    /// update, and redeeming is what <see cref="Redemption"/> does once.
    /// </summary>
    internal sealed class Polling(AppDbContext db, Redemption redemption, TimeProvider time)
    {
        private const int SlowDownBy = 5; // RFC 8628 §3.5

        /// <param name="parameter">What carries the value that the app polls with.</param>
        /// <param name="prefix">What such a value begins with.</param>
        public async Task<Result> Answer(Request request, string grantType, string parameter, string prefix, CancellationToken ct)
        {
            if (request.Parameters[parameter] is not { } value)
                return new Result.Refused(OAuthError.InvalidRequest.Saying($"{parameter} is missing."));
            if (OpaqueValue.Open(prefix, value) is null)
                return Refuse($"not a {parameter} of ours");
            var hash = new Secret(value).Hash();
            if (await db.PendingAuthorizations.AsNoTracking().FirstOrDefaultAsync(row => row.Hash == hash && row.GrantType == grantType, ct) is not { } pending)
                return Refuse($"no such {parameter}, or it was redeemed");
            if (pending.ClientId != request.Client.Id)
                return Refuse("issued to another client");
            if (pending.ExpiresAt <= time.GetUtcNow())
                return new Result.Refused(OAuthError.ExpiredToken);
            return pending.Status switch
            {
                PendingStatus.Denied => new Result.Refused(OAuthError.AccessDenied.Saying("The person did not allow it, or may not use this app.")),
                PendingStatus.Approved => await Redeem(request, pending, ct),
                _ => await Wait(pending, ct),
            };
        }

        private async Task<Result> Wait(PendingAuthorization pending, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var row = db.PendingAuthorizations.Where(row => row.Id == pending.Id);
            var next = now.AddSeconds(pending.Interval);
            if (await row.Where(row => row.NextPollAt <= now).ExecuteUpdateAsync(set => set.SetProperty(row => row.NextPollAt, next), ct) == 1)
                return new Result.Refused(OAuthError.AuthorizationPending);
            var later = next.AddSeconds(SlowDownBy);
            await row.ExecuteUpdateAsync(set => set.SetProperty(row => row.Interval, row => row.Interval + SlowDownBy).SetProperty(row => row.NextPollAt, later), ct);
            return new Result.Refused(OAuthError.PollsTooFast);
        }

        private async Task<Result> Redeem(Request request, PendingAuthorization pending, CancellationToken ct)
        {
            var outcome = await redemption.Redeem(request, new Authorization
            {
                ClientId = pending.ClientId,
                UserId = pending.UserId!.Value,
                SessionId = pending.SessionId!.Value,
                Scopes = pending.Scopes,
                Audiences = pending.Audiences,
                Details = pending.Details,
                AuthenticatedAt = pending.AuthenticatedAt!.Value,
                Methods = pending.Methods,
                Epoch = pending.Epoch,
                Stamp = pending.Stamp,
            }, pending.Hash, ct);
            if (outcome is Redemption.Outcome.Refused refused)
                return new Result.Refused(refused.Error);
            // Only a poll that was answered twice loses here: no theft, for nobody but the app ever held the value.
            if (outcome is not Redemption.Outcome.Redeemed redeemed)
                return Refuse("it was redeemed before");
            await db.PendingAuthorizations.Where(row => row.Id == pending.Id).ExecuteDeleteAsync(ct);
            return new Result.Issued(redeemed.Answer);
        }

        private static Result.Refused Refuse(string reason) => new(OAuthError.InvalidGrant.Because(reason));
    }
}
