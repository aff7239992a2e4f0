using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Signet.Features;

/// <summary>A person, a program or the console registers an app (RFC 7591 §2); its secret is shown this once.</summary>
internal static partial class RegisterApp
{
    private const int MostPerOwner = 200;
    private const int StrongSecret = 32;

    public sealed record Request : IRequest<Result>, IAudited<Result>, IClientMetadata
    {
        public string? Name { get; init => field = DisplayName.Clean(value); }

        /// <summary>A person's word for it, which chooses the defaults. Without it the rest decides (<see cref="ClientDefaults.KindOf"/>).</summary>
        public ClientKind? Kind { get; init; }

        /// <summary>True for an app that cannot keep a secret; null leaves it to the kind.</summary>
        public bool? IsPublic { get; init; }

        /// <summary>The only method the app will use, or null for those of its kind.</summary>
        public string? AuthenticationMethod { get; init; }
        public string[]? GrantTypes { get; init => field = Lists.Distinct(value); }
        public string[] RedirectUris { get; init => field = Lists.Distinct(value) ?? []; } = [];
        public string[] PostLogoutRedirectUris { get; init => field = Lists.Distinct(value) ?? []; } = [];

        /// <summary>Null for the defaults of the kind. Scopes about a person fall away for an app that never acts for one.</summary>
        public string[]? Scopes { get; init => field = Lists.Distinct(value); }
        public TokenFormat TokenFormat { get; init; }
        public RefreshRotation RefreshRotation { get; init; }
        public TimeSpan? AccessTokenLifetime { get; init; }
        public TimeSpan? RefreshTokenLifetime { get; init; }
        public string? HomepageUri { get; init => field = string.IsNullOrWhiteSpace(value) ? null : value.Trim(); }

        /// <summary>The rest of the metadata; no form binds it by accident.</summary>
        [BindNever] public ClientSettings Settings { get; init; } = new();

        // For administrators and the console alone:

        /// <summary>The <c>client_id</c>; random without it.</summary>
        public string? Id { get; init; }

        /// <summary>A secret of one's own; random without it.</summary>
        public Secret? Secret { get; init; }

        /// <summary>Whose it is; the caller's without it, and the installation's where the console registers.</summary>
        public string? OwnerEmail { get; init => field = string.IsNullOrWhiteSpace(value) ? null : value.Trim(); }

        /// <summary>A first-party app: people are not asked for consent.</summary>
        public bool SkipsConsent { get; init; }

        /// <summary>Set where a program registers itself (RFC 7591): it needs no right to register apps.</summary>
        internal Registrant? Registrant { get; init; }

        internal ClientKind EffectiveKind => Kind ?? ClientDefaults.KindOf(GrantTypes, SaysPublic, RedirectUris);
        internal string[] EffectiveGrants => GrantTypes is { Length: > 0 } ? GrantTypes : ClientDefaults.Of(EffectiveKind).GrantTypes;
        internal string[] EffectiveMethods => this switch
        {
            { AuthenticationMethod: { } only } => [only],
            { EffectivelyPublic: true } => [ClientAuthenticationMethods.None],
            _ => ClientAuthenticationMethods.ShowingSecret,
        };

        internal bool EffectivelyPublic => SaysPublic ?? ClientDefaults.Of(EffectiveKind).AuthenticationMethods is [ClientAuthenticationMethods.None];
        private bool? SaysPublic => AuthenticationMethod is { } method ? method == ClientAuthenticationMethods.None : IsPublic;

        internal ClientShape Shape => new(EffectiveKind, EffectiveGrants, EffectiveMethods) { Rotation = RefreshRotation };

        /// <summary>The request with all that its security profile switches on where it says nothing else.</summary>
        internal Request WithProfile()
        {
            var wanted = new SecurityProfiles.Traits(EffectiveKind, EffectiveMethods, RefreshRotation, RedirectUris, Settings);
            var isChosen = AuthenticationMethod is not null || IsPublic == true || Secret is not null;
            var app = SecurityProfiles.SwitchedOn(wanted, wanted with { AuthenticationMethods = isChosen ? [] : wanted.AuthenticationMethods, Rotation = default, Settings = new() });
            return this with
            {
                AuthenticationMethod = app.AuthenticationMethods.SequenceEqual(EffectiveMethods) ? AuthenticationMethod : app.AuthenticationMethods[0],
                RefreshRotation = app.Rotation,
                Settings = app.Settings,
            };
        }

        public AuditEntry? Audit(Result result) => result is Result.Registered registered
            ? new("app registered", $"client:{registered.Id}", registered.OwnerId, Registrant is { } program ? $"{registered.Name}, by itself{program.Words}" : registered.Name)
            : null;
    }

    /// <summary>Every way a registration can end.</summary>
    public abstract record Result
    {
        /// <summary><paramref name="Secret"/> is null for an app that has none; <paramref name="HasWeakSecret"/> when it is one's own and short.</summary>
        public sealed record Registered(string Id, string Name, Secret? Secret, bool HasWeakSecret, Guid? OwnerId) : Result;

        /// <summary>Registering apps is for administrators here (<c>Signet:Registration:Apps</c>); or the initial access token is used up.</summary>
        public sealed record NotAllowed : Result;

        public sealed record IdTaken : Result;

        public sealed record TooMany(int Most) : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(ClientRules rules, Caller caller, AppDbContext db)
        {
            RuleFor(request => request).CustomAsync((request, objections, ct) =>
            {
                var whole = request.WithProfile();
                return rules.Check(whole, whole.Shape, objections, ct);
            });
            RuleFor(request => request.Kind).Must(kind => kind is not ClientKind.Api && (kind is null || Enum.IsDefined(kind.Value)))
                .WithMessage("Choose what kind of app it is. An API is added by an administrator.");
            RuleFor(request => request.TokenFormat).IsInEnum().WithMessage("Choose a token format: jwt or opaque.");
            RuleFor(request => request.RefreshRotation).IsInEnum().WithMessage("Choose when refresh tokens rotate: auto, always or never.");
            RuleFor(request => request.AuthenticationMethod)
                .Must((request, method) => request.IsPublic is null || method is null || request.IsPublic == (method == ClientAuthenticationMethods.None))
                .WithMessage("A public app has the authentication method none, and a confidential app another.");
            RuleFor(request => request.Secret)
                .Must((request, secret) => secret is null || !request.EffectivelyPublic).WithMessage("A public app has no secret; leave it out.")
                .Must((request, secret) => secret is null || request.EffectiveMethods.Any(ClientAuthenticationMethods.WithSecret.Contains)).WithMessage("With this authentication method the app has no secret; leave it out.")
                .Must(secret => secret is null || ClientSecretRules.IsGoodEnough(secret)).WithMessage(ClientSecretRules.Sentence)
                .Must((request, secret) => secret is not { Text.Length: < ClientSecretJwt.ShortestSecret } || request.AuthenticationMethod != ClientAuthenticationMethods.ClientSecretJwt)
                .WithMessage($"A secret that signs needs {ClientSecretJwt.ShortestSecret} characters at least (RFC 7518 section 3.2); leave it out to get a random one.");
            RuleFor(request => request.Id).Must(id => id is null || ClientIds.IsValid(id)).WithMessage(ClientIds.Sentence);
            RuleFor(request => request.OwnerEmail)
                .MustAsync(async (email, ct) => email is null || !caller.IsAdmin || await db.UserIdOf(email, ct) is not null)
                .WithMessage("Nobody here has this e-mail address; give the address of an account.");
            foreach (var (field, isSet) in ForAdministrators)
                RuleFor(request => request).Must(request => caller.IsAdmin || !isSet(request)).OverridePropertyName(field).WithMessage("Only an administrator may choose this; leave it out.");
        }

        private static readonly (string Field, Func<Request, bool> IsSet)[] ForAdministrators =
        [
            (nameof(Request.Id), request => request.Id is not null),
            (nameof(Request.Secret), request => request.Secret is not null),
            (nameof(Request.OwnerEmail), request => request.OwnerEmail is not null),
            (nameof(Request.SkipsConsent), request => request.SkipsConsent),
        ];
    }

    public sealed class Handler(AppDbContext db, Caller caller, ClientDirectory directory, ClientSecretJwt signing, Logos logos, IOptions<SignetOptions> options, TimeProvider time)
        : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (request.Registrant is null && !caller.MayRegisterApps(options.Value))
                return new Result.NotAllowed();
            var owner = request switch
            {
                { Registrant: { } program } => program.Token?.UserId,
                { OwnerEmail: { } email } => await db.UserIdOf(email, ct),
                _ => await OwnOwner(ct),
            };
            if (owner is not null && !caller.IsAdmin && await db.Clients.CountAsync(client => client.OwnerId == owner, ct) >= MostPerOwner)
                return new Result.TooMany(MostPerOwner);

            var client = Describe(request.WithProfile(), owner, time.GetUtcNow());
            var secret = client.HasSecret ? request.Secret ?? OpaqueValue.New(OpaqueValue.ClientSecret) : null;
            await using var all = await db.Database.BeginTransactionAsync(ct);
            if (request.Registrant?.Token is { } token && !await db.TakeUse(token, client.CreatedAt, ct))
                return new Result.NotAllowed();
            if (!await db.InsertIfAbsent(client, ct))
                return new Result.IdTaken();
            if (secret is not null)
                await db.InsertIfAbsent(ClientSecretRules.Row(client.Id, secret, client.CreatedAt, null, signing.Seal(client.Id, client.AuthenticationMethods, secret)), ct);
            await all.CommitAsync(ct);
            directory.Forget();
            await logos.Refresh(client.Id, ct);
            return new Result.Registered(client.Id, client.Name, secret, secret is { Text.Length: < StrongSecret }, owner);
        }

        private async Task<Guid?> OwnOwner(CancellationToken ct) => caller.UserId
            ?? await db.Clients.Where(client => client.Id == caller.ClientId).Select(client => client.OwnerId).FirstOrDefaultAsync(ct);

        private static Client Describe(Request request, Guid? owner, DateTimeOffset now)
        {
            var defaults = ClientDefaults.Of(request.EffectiveKind);
            var grants = request.EffectiveGrants;
            var actsForPeople = GrantTypes.AreForPeople(grants);
            return new Client
            {
                Id = request.Id ?? OpaqueValue.Random(ClientIds.RandomLength),
                Name = request.Name!,
                Kind = request.EffectiveKind,
                AuthenticationMethods = request.EffectiveMethods,
                GrantTypes = grants,
                RedirectUris = request.RedirectUris,
                PostLogoutRedirectUris = request.PostLogoutRedirectUris,
                Scopes = [.. (request.Scopes ?? defaults.Scopes).Where(scope => actsForPeople || !Scopes.AboutPeople.Contains(scope))],
                TokenFormat = request.TokenFormat,
                RefreshRotation = request.RefreshRotation,
                SkipsConsent = request.SkipsConsent,
                AccessTokenLifetime = request.AccessTokenLifetime,
                RefreshTokenLifetime = request.RefreshTokenLifetime,
                HomepageUri = request.HomepageUri,
                Settings = request.Settings,
                OwnerId = owner,
                Origin = request.Registrant is null ? ClientOrigin.Managed : ClientOrigin.Dynamic,
                VerifiedAt = request.Registrant?.Token is null ? null : now,
                Registration = request.Registrant?.Registration,
                RegistrationTokenHash = request.Registrant?.RegistrationTokenHash,
                CreatedAt = now,
                UpdatedAt = now,
                TokenEpoch = now.ToUnixTimeMilliseconds(),
            };
        }
    }
}
