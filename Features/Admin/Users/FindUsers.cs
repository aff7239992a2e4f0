namespace Signet.Features;

/// <summary>An administrator looks for people by name or e-mail address.</summary>
internal static partial class FindUsers
{
    private const int PageSize = 25;

    public sealed record Request : IRequest<Result>
    {
        public string? Text { get; init; }
        public int Page { get; init; } = 1;
    }

    public sealed record Result(Row[] Users, int Page, bool HasNext);

    public sealed record Row(Guid Id, string Name, string? Email, bool IsAdmin, bool IsDisabled, bool HasSecondFactor, DateTimeOffset? LastSignInAt);

    public sealed class Handler(AppDbContext db) : IRequestHandler<Request, Result>
    {
        public async Task<Result> Handle(Request request, CancellationToken ct)
        {
            var page = Math.Clamp(request.Page, 1, 100_000);
            var users = db.Users.AsNoTracking();
            if (request.Text?.Trim() is { Length: > 0 and <= 256 } text)
            {
                var key = text.Normalize().ToUpperInvariant();
#pragma warning disable CA1862 // SQL has no StringComparison; both databases fold with upper()
                users = users.Where(user => user.NormalizedEmail!.Contains(key) || user.Name.ToUpper().Contains(key));
#pragma warning restore CA1862
            }

            var rows = await users.OrderBy(user => user.NormalizedEmail).Skip((page - 1) * PageSize).Take(PageSize + 1).Select(user => new Row(
                user.Id, user.Name, user.Email,
                db.UserRoles.Any(role => role.UserId == user.Id && role.RoleId == Roles.AdminId),
                user.DisabledAt != null, user.TwoFactorEnabled, user.LastSignInAt)).ToArrayAsync(ct);
            return new Result(rows[..Math.Min(rows.Length, PageSize)], page, rows.Length > PageSize);
        }
    }
}
