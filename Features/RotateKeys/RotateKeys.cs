namespace Signet.Features;

/// <summary>An administrator lets the next signing keys take over as soon as every API can know them.</summary>
internal static partial class RotateKeys
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => new("signing keys rotated", "key:next", Detail: $"new keys sign from {result.From:u}");
    }

    /// <summary>From when the new keys sign.</summary>
    public sealed record Result(DateTimeOffset From);

    public sealed class Handler(KeyRotation rotation) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct) => new(await rotation.Rotate(ct));
    }
}
