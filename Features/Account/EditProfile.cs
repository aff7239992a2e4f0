namespace Signet.Features;

/// <summary>A person changes what they are called.</summary>
internal static partial class EditProfile
{
    public sealed record Question : IRequest<Request>;

    public sealed record Request : IRequest<Result>, IAudited<Result>
    {
        public string? Name { get; init; }

        public AuditEntry? Audit(Result result) => new("name changed", $"user:{result.UserId}", result.UserId);
    }

    public sealed record Result(Guid UserId);

    public sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(request => request.Name).MustBeName();
    }

    public sealed class Asking(AppDbContext db, Caller caller) : IRequestHandler<Question, Request>
    {
        public Task<Request> Handle(Question request, CancellationToken ct) =>
            db.Users.Where(user => user.Id == caller.RequireUserId).Select(user => new Request { Name = user.Name }).SingleAsync(ct);
    }

    public sealed class Handler(AppDbContext db, Caller caller) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var name = request.Name!.Trim();
            await db.Users.Where(user => user.Id == caller.RequireUserId).ExecuteUpdateAsync(set => set.SetProperty(user => user.Name, name), ct);
            return new Result(caller.RequireUserId);
        }
    }
}
