using Microsoft.AspNetCore.Authentication;

namespace Signet.Features;

/// <summary>A person ends the session of this browser, and with it what lives from the session.</summary>
internal static partial class Logout
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public AuditEntry? Audit(Result result) => result.UserId is { } id ? new("signed out", $"user:{id}", id) : null;
    }

    public sealed record Result(Guid? UserId);

    public sealed class Handler(IHttpContextAccessor accessor, Caller caller) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var http = accessor.HttpContext!;
            await http.SignOutAsync(Schemes.Session);
            await http.SignOutAsync(Schemes.Pending);
            return new Result(caller.UserId);
        }
    }
}
