using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Signet.Infrastructure.Jose;

namespace Signet.Features;

/// <summary>Looks at this installation as a careful operator would, and says what is not as it should be.</summary>
internal static partial class CheckInstallation
{
    private static readonly TimeSpan Drift = TimeSpan.FromSeconds(5);

    public sealed record Request : IRequest<Result>;

    public sealed record Result(Check[] Checks);

    public enum State { Good, Advice, Bad }

    public sealed record Check(string Name, State State, string Finding);

    public sealed class Handler(
        AppDbContext db, IConfiguration configuration, IOptions<SignetOptions> options, IOptions<KeyManagementOptions> protection, KeyFiles files, TimeProvider time)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct) =>
            new([Runtime(), .. await Storage(ct), Issuer(), KeysAtRest(), Mail()]);

        private static Check Runtime() => RuntimeAdvisory.Against(RuntimeAdvisory.Running) is { } advisory
            ? new("runtime", advisory.IsFatal ? State.Bad : State.Advice, $"{RuntimeAdvisory.Running}: {advisory.Advice}")
            : new("runtime", State.Good, $"{RuntimeAdvisory.Running}: nothing is known against it");

        private async Task<Check[]> Storage(CancellationToken ct)
        {
            if (!await db.Database.CanConnectAsync(ct))
                return [new("database", State.Bad, db.Database.IsNpgsql() ? "PostgreSQL does not answer" : "there is none yet; run `signet db migrate`")];
            var missing = (await db.Database.GetPendingMigrationsAsync(ct)).Count();
            if (missing > 0)
                return [new("database", State.Bad, $"{missing} migrations are missing; run `signet db migrate`")];
            return [new("database", State.Good, db.Database.IsNpgsql() ? "PostgreSQL, up to date" : "embedded SQLite, up to date; PostgreSQL is for more than one machine"), await Keys(ct), await Clock(ct)];
        }

        private async Task<Check> Keys(CancellationToken ct)
        {
            var now = time.GetUtcNow();
            var keys = await db.SigningKeys.AsNoTracking().Where(key => key.ActiveFrom <= now && (key.RetiredFrom == null || key.RetiredFrom > now) && (key.GoneFrom == null || key.GoneFrom > now)).ToArrayAsync(ct);
            string[] active = [.. keys.Select(key => key.Algorithm).Distinct()];
            if (keys.FirstOrDefault(key => key.IsFromFile && files.Find(key.Id) is null) is { } elsewhere)
                return new("keys", State.Advice, $"the {elsewhere.Algorithm} key {elsewhere.Id} is from a file that is not in Signet:Keys:Files here; every node should have the same files");
            string[] missing = [.. SigningAlgorithms.All.Except(active)];
            return missing is []
                ? new("keys", State.Good, $"{string.Join(", ", active.Order(StringComparer.Ordinal))} are active")
                : new("keys", State.Bad, $"no active key for {string.Join(", ", missing)}; `signet db migrate` makes what is missing, and so does every start");
        }

        private async Task<Check> Clock(CancellationToken ct)
        {
            if (!db.Database.IsNpgsql())
                return new("clock", State.Good, "the database has this machine's");
            var theirs = await db.Database.SqlQuery<DateTime>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(ct);
            var apart = (time.GetUtcNow() - theirs).Duration();
            return new("clock", apart > Drift ? State.Bad : State.Good, $"{apart.TotalSeconds:0.0} s apart from the database's");
        }

        private Check Issuer() => options.Value.Issuer.StartsWith("https://", StringComparison.Ordinal)
            ? new("issuer", State.Good, options.Value.Issuer)
            : new("issuer", State.Advice, $"{options.Value.Issuer} is not https; fine in Development only");

        private Check KeysAtRest() => protection.Value.XmlEncryptor is not null
            ? new("keys at rest", State.Good, "sealed under a certificate")
            : new("keys at rest", State.Advice, "no certificate seals the data protection keys: who can read the database can read the signing keys");

        private Check Mail() => configuration["Smtp:Host"] is { Length: > 0 } host
            ? new("mail", State.Good, $"sent by {host}")
            : new("mail", State.Advice, "Smtp:Host is not set: nobody is told of what happens to an account, and sign-up cannot check addresses");
    }
}
