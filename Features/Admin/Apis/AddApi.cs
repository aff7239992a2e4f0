namespace Signet.Features;

/// <summary>An administrator adds an API (RFC 8707): its audience, its scopes, and the credentials with which it asks about tokens, shown this once.</summary>
internal static partial class AddApi
{
    public sealed record Request : IRequest<Result>, IAudited<Result>, IApiMetadata
    {
        public string? Name { get; init => field = DisplayName.Clean(value); }
        public string? Audience { get; init => field = value?.Trim(); }
        public ApiScope[] Scopes { get; init => field = ApiScope.Given(value); } = [];
        public ApiDetailsType[] DetailsTypes { get; init => field = ApiDetailsType.Given(value); } = [];
        public TimeSpan? AccessTokenLifetime { get; init; }
        public string? DocumentationUri { get; init => field = string.IsNullOrWhiteSpace(value) ? null : value.Trim(); }

        public AuditEntry? Audit(Result result) => result is Result.Added added
            ? new("API added", $"client:{added.ClientId}", Detail: added.Audience)
            : null;
    }

    public abstract record Result
    {
        public sealed record Added(Guid Id, string Audience, string ClientId, Secret Secret, string MetadataUrl) : Result;

        public sealed record AudienceTaken : Result;

        /// <summary>APIs are for administrators.</summary>
        public sealed record NotAllowed : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(ApiRules rules)
        {
            RuleFor(request => request).Custom((request, objections) => rules.Check(request, objections));
            RuleFor(request => request.Audience).Custom((audience, objections) =>
            {
                if (rules.AudienceObjection(audience) is { } objection)
                    objections.AddFailure(objection);
            });
        }
    }

    public sealed class Handler(AppDbContext db, Caller caller, ClientDirectory directory, IOptions<SignetOptions> options, TimeProvider time) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            if (!caller.IsAdmin)
                return new Result.NotAllowed();
            var now = time.GetUtcNow();
            var secret = OpaqueValue.New(OpaqueValue.ClientSecret);
            var client = ApiRules.Credentials(request.Name!, now);
            var api = new Resource
            {
                Id = Guid.CreateVersion7(now),
                Audience = request.Audience!,
                Name = request.Name!,
                ClientId = client.Id,
                AccessTokenLifetime = request.AccessTokenLifetime,
                DetailsTypes = ApiDetailsType.Rows(request.DetailsTypes),
                DocumentationUri = request.DocumentationUri,
                CreatedAt = now,
            };
            await using var all = await db.Database.BeginTransactionAsync(ct);
            await db.InsertIfAbsent(client, ct);
            if (!await db.InsertIfAbsent(api, ct))
                return new Result.AudienceTaken(); // the transaction takes the credentials back
            await db.InsertIfAbsent(ClientSecretRules.Row(client.Id, secret, now, null), ct);
            foreach (var scope in request.Scopes)
                await db.InsertIfAbsent(scope.Row(api), ct);
            await all.CommitAsync(ct);
            directory.Forget();
            return new Result.Added(api.Id, api.Audience, client.Id, secret, ResourceMetadata.UrlOf(api, options.Value));
        }
    }
}
