namespace Signet.Features;

/// <summary>A person saves the recovery codes that were just shown, as a file.</summary>
internal static partial class DownloadRecoveryCodes
{
    public sealed record Request(string? Codes) : IRequest<Result>;

    /// <summary><paramref name="Text"/> is null when the codes were shown to somebody else or too long ago.</summary>
    public sealed record Result(Secret? Text);

    public sealed class Handler(Caller caller, RecoveryCodes recoveryCodes, IOptions<SignetOptions> options) : IRequestHandler<Request, Result>
    {
        public Task<Result> Handle(Request request, CancellationToken ct) => Task.FromResult(new Result(
            recoveryCodes.Open(caller.RequireUserId, request.Codes) is { } codes
                ? new Secret($"Recovery codes for {options.Value.Issuer}\nEach signs you in once.\n\n{codes.Text}\n")
                : null));
    }
}
