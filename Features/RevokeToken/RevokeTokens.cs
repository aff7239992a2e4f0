namespace Signet.Features;

/// <summary>An operator ends one token or grant, all of a user, all of an app, or everything, and says why.</summary>
internal static partial class RevokeTokens
{
    /// <summary>Exactly one of the first five says what ends.</summary>
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        /// <summary>The token itself.</summary>
        public Secret? Token { get; init; }

        /// <summary>A <c>jti</c>, or the id of a grant.</summary>
        public string? Id { get; init; }
        public string? User { get; init; }
        public string? App { get; init; }
        public bool All { get; init; }

        /// <summary>Ends the sessions of the user, or all, as well.</summary>
        public bool EndSessions { get; init; }
        public string? Reason { get; init; }

        /// <summary>Only counts what would end.</summary>
        public bool Preview { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.Revoked revoked
            ? new("tokens revoked", revoked.Subject, revoked.UserId, revoked.Impact.ToString(), Reason)
            : null;
    }

    public sealed record Impact(int Grants, int Tokens, int Sessions)
    {
        public override string ToString() => $"{Grants} grants, {Tokens} tokens, {Sessions} sessions";
    }

    public abstract record Result
    {
        public sealed record Counted(string Subject, Impact Impact) : Result;
        public sealed record Revoked(string Subject, Guid? UserId, Impact Impact) : Result;

        /// <summary>There is no such user, app or live token.</summary>
        public sealed record NotFound : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(request => request).Must(request => Targets(request) == 1).OverridePropertyName(nameof(Request.Id))
                .WithMessage("Say exactly one of: a token, an id, a user, an app, or everything.");
            RuleFor(request => request.Reason).NotEmpty().When(request => !request.Preview).WithMessage("Say why; the audit trail keeps it.")
                .MaximumLength(256).WithMessage("The reason may have 256 characters.");
        }

        private static int Targets(Request request) =>
            (request.Token is null ? 0 : 1) + (string.IsNullOrWhiteSpace(request.Id) ? 0 : 1) + (string.IsNullOrWhiteSpace(request.User) ? 0 : 1)
            + (string.IsNullOrWhiteSpace(request.App) ? 0 : 1) + (request.All ? 1 : 0);
    }
}
