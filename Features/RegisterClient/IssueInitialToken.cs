namespace Signet.Features;

/// <summary>Somebody who may register apps makes a token with which programs register themselves (RFC 7591 §3). It is shown this once.</summary>
internal static partial class IssueInitialToken
{
    private const int MostUses = 100_000;

    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string? Name { get; init => field = DisplayName.Clean(value); }

        /// <summary>What the apps may ask for; none for all that they may have anyway.</summary>
        public string[] Scopes { get; init => field = Lists.Distinct(value) ?? []; } = [];

        /// <summary>How many apps may be registered with it; null for any number.</summary>
        public int? Uses { get; init; }

        /// <summary>Days from now.</summary>
        public int? Days { get; init; } = 30;

        /// <summary>For administrators: the apps are nobody's but the installation's.</summary>
        public bool ForInstallation { get; init; }

        public AuditEntry? Audit(Result result) => result is Result.Issued issued
            ? new("registration token issued", $"token:{issued.Id}", issued.UserId, $"{Name}: {(Scopes is [] ? "all scopes" : string.Join(' ', Scopes))}, {Uses?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "any number of"} uses, until {issued.ExpiresAt:u}")
            : null;
    }

    /// <summary>Every way this can end.</summary>
    public abstract record Result
    {
        public sealed record Issued(Guid Id, Guid? UserId, Secret Secret, DateTimeOffset ExpiresAt) : Result;

        /// <summary>The caller may not register apps either.</summary>
        public sealed record NotAllowed : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(ClientDirectory directory, Caller caller, IOptions<LifetimeOptions> lifetimes)
        {
            var longest = (int)lifetimes.Value.PersonalTokenMaximum.TotalDays;
            RuleFor(request => request.Name).NotEmpty().WithMessage("Give the token a name, so that you recognise it and the apps that come with it.")
                .MaximumLength(DisplayName.Longest).WithMessage($"The name may have {DisplayName.Longest} characters.");
            RuleFor(request => request.Scopes).MustAsync(async (scopes, ct) => !scopes.Except(OpenClients.ScopesOf(await directory.Resources(ct))).Any())
                .WithMessage("One of these scopes does not exist, or is not one that such apps may have.");
            RuleFor(request => request.Uses).Must(uses => uses is null or (> 0 and <= MostUses)).WithMessage($"The number of apps must be between 1 and {MostUses}, or be left out.");
            RuleFor(request => request.Days).Must(days => days > 0 && days <= longest).WithMessage($"Choose when the token ends, 1 to {longest} days from now.");
            RuleFor(request => request.ForInstallation).Must(chosen => !chosen || caller.IsAdmin).WithMessage("Only an administrator may choose this; leave it out.");
        }
    }

    public sealed class Handler(AppDbContext db, Standings standings, Caller caller, IOptions<SignetOptions> options, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (!caller.MayRegisterApps(options.Value)) // who may register apps may let them register themselves
                return new Result.NotAllowed();
            var userId = request.ForInstallation ? null : caller.UserId
                ?? await db.Clients.Where(client => client.Id == caller.ClientId).Select(client => client.OwnerId).FirstOrDefaultAsync(ct);
            var secret = OpaqueValue.New(OpaqueValue.InitialAccess);
            var now = time.GetUtcNow();
            var token = new Token
            {
                Id = Guid.CreateVersion7(now),
                Hash = secret.Hash(),
                Kind = TokenKind.Registration,
                UserId = userId,
                Name = request.Name,
                Scopes = request.Scopes,
                Audiences = [],
                Epoch = (await standings.Of(db, null, userId, null, null, null)).Epoch,
                MostUses = request.Uses,
                CreatedAt = now,
                ExpiresAt = now.AddDays(request.Days!.Value),
            };
            db.Add(token);
            await db.SaveChangesAsync(ct);
            return new Result.Issued(token.Id, userId, secret, token.ExpiresAt);
        }
    }
}
