namespace Signet.Features;

/// <summary>An administrator sees whether an app was told of the sessions that ended, newest first.</summary>
internal static partial class ListLogouts
{
    private const int PageSize = 50;

    public sealed record Request(string Id, int Page) : IRequest<Result?>;

    /// <summary>Null for an app that does not exist.</summary>
    public sealed record Result(string Name, string? Address, Row[] Rows, int Page, bool HasNext);

    public sealed record Row(LogoutDelivery Delivery, string? UserEmail);

    public sealed class Handler(AppDbContext db, ClientDirectory directory) : IRequestHandler<Request, Result?>
    {
        public async Task<Result?> Handle(Request request, CancellationToken ct)
        {
            if (await directory.Find(request.Id, ct) is not { } client)
                return null;
            var page = Math.Clamp(request.Page, 1, 100_000);
            var rows = await (
                from delivery in db.LogoutDeliveries.AsNoTracking()
                where delivery.ClientId == client.Id
                orderby delivery.CreatedAt descending, delivery.Id descending
                select new Row(delivery, db.Users.Where(user => user.Id == delivery.UserId).Select(user => user.Email).FirstOrDefault()))
                .Skip((page - 1) * PageSize).Take(PageSize + 1).ToArrayAsync(ct);
            return new Result(client.Name, client.Settings.BackchannelLogoutUri, rows[..Math.Min(rows.Length, PageSize)], page, rows.Length > PageSize);
        }
    }
}
