namespace Signet.Features;

/// <summary>
/// An app sends a person to sign out (OpenID Connect RP-Initiated Logout §2). Nobody is signed out unasked but by an ID token of
/// the very session that this browser is in, or of its person.
/// </summary>
internal static partial class EndSession
{
    public sealed record Request(Parameters Parameters) : IRequest<Result>;

    public abstract record Result
    {
        public sealed record Refused(string Explanation) : Result;

        /// <summary>The person has to say so.</summary>
        public sealed record Asks(LogoutWish Wish) : Result;

        public sealed record SignedOut(Farewell Farewell) : Result;
    }

    public sealed class Handler(IMediator mediator, LogoutWishes wishes, ClientDirectory directory, Subjects subjects, Caller caller) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var (wish, objection) = await wishes.Read(request.Parameters, ct);
            if (wish is null)
                return new Result.Refused(objection!);
            if (caller.UserId is not { } user)
                return new Result.SignedOut(Farewell.Of(wish, wish.IsProven && await IsKnown(wish, ct)));
            return await IsAbout(wish, user, ct)
                ? new Result.SignedOut((await mediator.Send(new Logout.Request { Wish = wish }, ct)).Farewell)
                : new Result.Asks(wish);
        }

        // Anybody can get an ID token of their own for an app that anybody can register: it leads nobody away who is not even signed in (RFC 9700 §4.11.2).
        private async Task<bool> IsKnown(LogoutWish wish, CancellationToken ct) => await directory.Find(wish.ClientId!, ct) is { IsUnverified: false };

        private async Task<bool> IsAbout(LogoutWish wish, Guid user, CancellationToken ct) =>
            wish is { IsProven: true, ClientId: { } id }
            && (wish.SessionId == caller.SessionId?.ToString()
                || (await directory.Find(id, ct) is { } client && wish.Subject == await subjects.Of(client, user, ct)));
    }
}
