namespace Signet.Features;

/// <summary>A person types in the code that a device shows, and is told which app asks for what, and from where (RFC 8628 §3.3).</summary>
internal static partial class EnterUserCode
{
    public sealed record Request(string? UserCode) : IRequest<Result>;

    /// <summary>Every way this can end.</summary>
    public abstract record Result
    {
        public sealed record Asks(Guid Id, string UserCode, string App, bool IsOfUser, bool IsUnverified, string Device, string? IpAddress, DateTimeOffset Since, IReadOnlyList<Sentence> Sentences, DateTimeOffset? Until) : Result;

        /// <summary>What is asked is shown after the person has proved once more who they are.</summary>
        public sealed record NeedsProof(string UserCode) : Result;

        /// <summary>No such code, or it is over: one answer for both.</summary>
        public sealed record Unknown : Result;
        public sealed record TooMany : Result;
    }

    public sealed class Handler(
        AppDbContext db, PendingAuthorizations pending, UserCodeGuesses guesses, ClientDirectory directory, Caller caller,
        IOptions<LifetimeOptions> lifetimes, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (UserCode.Read(request.UserCode) is not { } code)
                return new Result.Unknown();
            if (!guesses.MayTry(caller.RequireUserId, caller.RemoteAddress))
                return new Result.TooMany();
            var hash = UserCode.Hash(code);
            var found = await (
                from row in pending.Open(GrantTypes.DeviceCode).AsNoTracking()
                where row.UserCodeHash == hash
                join client in db.Clients on row.ClientId equals client.Id
                where client.DisabledAt == null
                select new { Row = row, Client = client }).FirstOrDefaultAsync(ct);
            if (found is null)
            {
                guesses.WasWrong(caller.RemoteAddress);
                return new Result.Unknown();
            }

            var asked = found.Row;
            if (ClientRules.AskForProof(asked.Scopes, caller, time.GetUtcNow()))
                return new Result.NeedsProof(UserCode.Show(code));
            return new Result.Asks(
                asked.Id, UserCode.Show(code), found.Client.Name, found.Client is { OwnerId: not null, IsUnverified: false }, found.Client.IsUnverified, BrowserName.OfDevice(asked.UserAgent), asked.IpAddress, asked.CreatedAt,
                await directory.Sentences(asked.Scopes, asked.Audiences, ct),
                asked.Scopes.Contains(Scopes.OfflineAccess) ? time.GetUtcNow() + lifetimes.Value.RefreshTokenAbsolute : null);
        }
    }
}
