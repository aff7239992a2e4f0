namespace Signet.Features;

/// <summary>Lets the next signing keys take over, as soon as every node and every API has had the time to learn them.</summary>
internal static partial class RotateKeys
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry Audit(Result result) => new("keys rotated", "system", Detail: $"the next keys sign from {result.From:u}");
    }

    /// <param name="From">When the next keys begin to sign.</param>
    public sealed record Result(DateTimeOffset From);

    public sealed class Handler(KeyRotation rotation) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct) => new(await rotation.Rotate(ct));
    }
}
