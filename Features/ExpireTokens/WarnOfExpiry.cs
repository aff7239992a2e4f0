using Signet.Infrastructure.Mail;

namespace Signet.Features;

/// <summary>Tells owners, once, that a client secret or a personal token expires within seven days.</summary>
internal static partial class WarnOfExpiry
{
    public sealed record Request : IRequest<Result>;

    public sealed record Result(int Secrets, int Tokens);

    private static readonly TimeSpan Ahead = TimeSpan.FromDays(7);

    public sealed class Handler(AppDbContext db, Mailer mailer, IOptions<SignetOptions> options, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct) =>
            new(await WarnOfSecrets(ct), await WarnOfTokens(ct));

        private async Task<int> WarnOfTokens(CancellationToken ct)
        {
            var (now, soon) = (time.GetUtcNow(), time.GetUtcNow() + Ahead);
            var due = await (
                from token in db.Tokens
                where token.Kind == TokenKind.Personal && token.WarnedAt == null && token.RevokedAt == null
                    && token.ExpiresAt > now && token.ExpiresAt <= soon
                join user in db.Users on token.UserId equals user.Id
                where user.DisabledAt == null && user.Email != null
                select new { token.Id, token.Name, token.ExpiresAt, user.Email }).ToListAsync(ct);
            var warned = 0;
            foreach (var token in due)
            {
                // Who marks it first writes the mail, so that two nodes write one.
                if (await db.Tokens.Where(row => row.Id == token.Id && row.WarnedAt == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.WarnedAt, now), ct) == 0)
                    continue;
                mailer.Send(token.Email!, $"Your token “{token.Name}” expires soon", $"""
                    Your personal access token “{token.Name}” expires on {token.ExpiresAt:d MMMM yyyy, HH:mm} UTC.
                    What uses it will be refused from then on.

                    Make a new one here: {options.Value.Url("/account/tokens")}
                    """);
                warned++;
            }

            return warned;
        }

        private async Task<int> WarnOfSecrets(CancellationToken ct)
        {
            var (now, soon) = (time.GetUtcNow(), time.GetUtcNow() + Ahead);
            var due = await (
                from secret in db.ClientSecrets
                where secret.WarnedAt == null && secret.ExpiresAt > now && secret.ExpiresAt <= soon
                join client in db.Clients on secret.ClientId equals client.Id
                where client.DisabledAt == null
                join owner in db.Users on client.OwnerId equals owner.Id
                where owner.DisabledAt == null && owner.Email != null
                select new { secret.Id, secret.Hint, secret.ExpiresAt, ClientId = client.Id, client.Name, owner.Email }).ToListAsync(ct);
            var warned = 0;
            foreach (var secret in due)
            {
                if (await db.ClientSecrets.Where(row => row.Id == secret.Id && row.WarnedAt == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.WarnedAt, now), ct) == 0)
                    continue;
                mailer.Send(secret.Email!, $"A secret of {secret.Name} expires soon", $"""
                    The secret of your app {secret.Name} that ends in {secret.Hint} expires on {secret.ExpiresAt:d MMMM yyyy, HH:mm} UTC.
                    The app will be refused from then on unless it has another secret.

                    Make a new one here: {options.Value.Url($"/apps/{Uri.EscapeDataString(secret.ClientId)}")}
                    """);
                warned++;
            }

            return warned;
        }
    }
}
