namespace Signet.Features;

/// <summary>While there is no administrator, each start makes a one-time setup code, good for an hour.</summary>
internal static partial class FirstStart
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromHours(1);

    public sealed record Request : IRequest<Result>;

    public abstract record Result
    {
        public sealed record NeedsAdministrator(Secret Code, DateTimeOffset Until) : Result;

        public sealed record SetUp : Result;
    }

    public sealed class Handler(AppDbContext db, Administrators administrators, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var now = time.GetUtcNow();
            await db.SetupCodes.Where(code => code.ExpiresAt <= now).ExecuteDeleteAsync(ct);
            if (await administrators.Enabled.AnyAsync(ct) || await db.Installations.AnyAsync(installation => installation.SetUpAt != null, ct))
                return new Result.SetUp();
            var code = new Secret(OpaqueValue.Random(OpaqueValue.SecretLength));
            await db.InsertIfAbsent(new SetupCode { Hash = code.Hash(), ExpiresAt = now + GoodFor }, ct);
            return new Result.NeedsAdministrator(code, now + GoodFor);
        }
    }
}
