namespace Signet.Features;

/// <summary>An administrator changes an API's name, scopes and token lifetime. Its audience stays: tokens carry it.</summary>
internal static partial class EditApi
{
    public sealed record Request : IRequest<Result>, IAudited<Result>, IApiMetadata
    {
        public Guid Id { get; init; }
        public string? Name { get; init => field = DisplayName.Clean(value); }
        public ApiScope[] Scopes { get; init => field = ApiScope.Given(value); } = [];
        public ApiDetailsType[] DetailsTypes { get; init => field = ApiDetailsType.Given(value); } = [];
        public TimeSpan? AccessTokenLifetime { get; init; }
        public string? DocumentationUri { get; init => field = string.IsNullOrWhiteSpace(value) ? null : value.Trim(); }

        public AuditEntry? Audit(Result result) => result is Result.Changed changed
            ? new("API changed", $"client:{changed.ClientId}", Detail: $"{Name}: {string.Join(' ', Scopes.Select(scope => scope.Name))}")
            : null;
    }

    public abstract record Result
    {
        public sealed record Changed(string ClientId) : Result;

        public sealed record NotFound : Result;
    }

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator(ApiRules rules) => RuleFor(request => request).Custom((request, objections) => rules.Check(request, objections));
    }

    public sealed class Handler(AppDbContext db, Caller caller, ClientDirectory directory) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            await using var all = await db.Database.BeginTransactionAsync(ct);
            var detailsTypes = ApiDetailsType.Rows(request.DetailsTypes);
            // The update holds the API's row until the end, so that two changes of its scopes follow one another.
            if (!caller.IsAdmin || await db.Resources.Where(row => row.Id == request.Id).ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.Name, request.Name!).SetProperty(row => row.AccessTokenLifetime, request.AccessTokenLifetime)
                        .SetProperty(row => row.DetailsTypes, detailsTypes).SetProperty(row => row.DocumentationUri, request.DocumentationUri), ct) == 0)
                return new Result.NotFound();
            var api = await db.Resources.AsNoTracking().SingleAsync(row => row.Id == request.Id, ct);
            await db.ResourceScopes.Where(scope => scope.ResourceId == api.Id).ExecuteDeleteAsync(ct);
            foreach (var scope in request.Scopes)
                await db.InsertIfAbsent(scope.Row(api), ct);
            await db.Clients.Where(client => client.Id == api.ClientId).ExecuteUpdateAsync(set => set.SetProperty(client => client.Name, request.Name!), ct);
            await all.CommitAsync(ct);
            directory.Forget();
            return new Result.Changed(api.ClientId);
        }
    }
}
