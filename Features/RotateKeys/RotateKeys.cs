namespace Signet.Features;

/// <summary>An administrator lets the next signing keys take over as soon as every API can know them.</summary>
internal static partial class RotateKeys
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result.From is { } from ? new("signing keys rotated", "key:next", Detail: $"new keys sign from {from:u}") : null;
    }

    /// <summary>From when the new keys sign (null where there are none), and the algorithms whose keys are from files, which are the operator's to change.</summary>
    public sealed record Result(DateTimeOffset? From, string[] FromFiles)
    {
        /// <summary>What to do about the keys from files; null where there are none.</summary>
        public string? Advice => FromFiles is [] ? null
            : $"{string.Join(", ", FromFiles)}: the key is from a file and was not rotated. Add the file of a new key behind it in Signet:Keys:Files, and restart the nodes one after the other.";
    }

    public sealed class Handler(KeyRotation rotation) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var (from, fromFiles) = await rotation.Rotate(ct);
            return new(from, fromFiles);
        }
    }
}
