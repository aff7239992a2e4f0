namespace Signet.Features;

/// <summary>A person makes a token for their own scripts; it can do less than they can, and it ends by itself.</summary>
internal static partial class IssuePersonalToken
{
    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string? Name { get; init; }
        public string[] Scopes { get; init; } = [];

        /// <summary>Days from now; the date below wins.</summary>
        public int? Days { get; init; } = 30;

        /// <summary>The last day on which it works, UTC.</summary>
        public DateOnly? Until { get; init; }

        public AuditEntry? Audit(Result result) =>
            new("personal token issued", $"token:{result.Id}", result.UserId, $"{Name}: {string.Join(' ', Scopes)}, until {result.ExpiresAt:u}");
    }

    public sealed record Result(Guid Id, Guid UserId, Secret Secret, DateTimeOffset ExpiresAt);

    /// <summary>A scope that this person may give a token.</summary>
    public sealed record Offer(string Scope, string Description);

    public sealed record OfferGroup(string Api, IReadOnlyList<Offer> Scopes);

    /// <summary>What a person may choose from: Signet's own scopes, and those of each API.</summary>
    public static async Task<IReadOnlyList<OfferGroup>> Offers(ClientDirectory directory, Caller caller, CancellationToken ct)
    {
        string[] own = caller.IsAdmin ? [Scopes.AppsRead, Scopes.AppsWrite, Scopes.Admin] : [Scopes.AppsRead, Scopes.AppsWrite];
        return
        [
            new("Signet", [.. own.Select(scope => new Offer(scope, Scopes.OfSignet[scope]))]),
            .. (await directory.Resources(ct)).Where(api => api.Scopes is not [])
                .Select(api => new OfferGroup(api.Name, [.. api.Scopes.OrderBy(scope => scope.Name, StringComparer.Ordinal).Select(scope => new Offer(scope.Name, scope.Description))])),
        ];
    }

    private static DateTimeOffset End(Request request, DateTimeOffset now) =>
        request.Until is { } last ? new DateTimeOffset(last, TimeOnly.MaxValue, TimeSpan.Zero) : now.AddDays(request.Days ?? 0);

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(ClientDirectory directory, Caller caller, IOptions<LifetimeOptions> lifetimes, TimeProvider time)
        {
            var longest = lifetimes.Value.PersonalTokenMaximum;
            RuleFor(request => request.Name).NotEmpty().WithMessage("Give the token a name, so that you recognise it later.")
                .MaximumLength(64).WithMessage("The name may have 64 characters.");
            RuleFor(request => request.Scopes).NotEmpty().WithMessage("Choose what the token may do.");
            RuleFor(request => request.Scopes).MustAsync(async (scopes, ct) =>
            {
                var offered = (await Offers(directory, caller, ct)).SelectMany(group => group.Scopes).Select(offer => offer.Scope).ToHashSet(StringComparer.Ordinal);
                return scopes.All(offered.Contains);
            }).WithMessage("One of these scopes is not yours to give.");
            RuleFor(request => request.Days).Must(days => days is > 0 and <= 3660).When(request => request.Until is null).WithMessage("Choose when the token ends.");
            RuleFor(request => request).Must(request => End(request, time.GetUtcNow()) is var end && end > time.GetUtcNow() && end <= time.GetUtcNow() + longest)
                .When(request => request.Until is not null || request.Days is > 0 and <= 3660)
                .OverridePropertyName(nameof(Request.Until)).WithMessage($"The end must be in the future, and at most {longest.TotalDays:0.##} days from now.");
        }
    }

    public sealed class Handler(AppDbContext db, Audiences audiences, Standings standings, Caller caller, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var userId = caller.RequireUserId;
            var scopes = request.Scopes.Distinct(StringComparer.Ordinal).ToArray();
            if (await audiences.Resolve(scopes, [], ct) is not Audiences.Result.Resolved resolved)
                throw new InvalidOperationException("The validator lets only known scopes pass.");
            var standing = await standings.Of(db, null, userId, null, null, null);
            var secret = OpaqueValue.New(OpaqueValue.PersonalToken);
            var now = time.GetUtcNow();
            var token = new Token
            {
                Id = Guid.CreateVersion7(now),
                Hash = secret.Hash(),
                Kind = TokenKind.Personal,
                UserId = userId,
                Name = DisplayName.Clean(request.Name)!,
                Scopes = resolved.Scopes,
                Audiences = resolved.Audiences,
                Epoch = standing.Epoch,
                CreatedAt = now,
                ExpiresAt = End(request, now),
            };
            db.Add(token);
            await db.SaveChangesAsync(ct);
            return new(token.Id, userId, secret, token.ExpiresAt);
        }
    }
}
