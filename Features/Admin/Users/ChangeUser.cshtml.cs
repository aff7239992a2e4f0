using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class ChangeUser
{
    [Authorize(Policies.Admin)]
    [RecentSignIn]
    public sealed class Page(IMediator mediator, AppDbContext db) : PageModel
    {
        [BindProperty(SupportsGet = true)] public Guid Id { get; set; }
        [BindProperty(SupportsGet = true)] public Change Change { get; set; }
        [BindProperty] public Form Input { get; set; } = new();

        public About About => All[Change];
        public string? Email { get; private set; }

        /// <summary>How many apps the person owns that are not disabled.</summary>
        public int Apps { get; private set; }

        public override async Task OnPageHandlerExecutionAsync(
            Microsoft.AspNetCore.Mvc.Filters.PageHandlerExecutingContext context, Microsoft.AspNetCore.Mvc.Filters.PageHandlerExecutionDelegate next)
        {
            Email = await db.Users.Where(user => user.Id == Id).Select(user => user.Email).FirstOrDefaultAsync(HttpContext.RequestAborted);
            if (Email is null || !All.ContainsKey(Change) || ModelState.GetValueOrDefault(nameof(Change)) is { Errors.Count: > 0 })
                context.Result = NotFound();
            else
            {
                Apps = await db.Clients.CountAsync(app => app.OwnerId == Id && app.DisabledAt == null, HttpContext.RequestAborted);
                await next();
            }
        }

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            switch (await mediator.Send(new Request { Id = Id, Change = Change, Reason = Input.Reason, WithApps = Input.WithApps }, ct))
            {
                case Result.Changed or Result.Unchanged:
                    TempData["Notice"] = About.Done;
                    return RedirectToPage("/Features/Admin/Users/ShowUser", new { Id });
                case Result.LastAdmin:
                    return this.Again("This is the last administrator. Make someone else one first.");
                case Result.Oneself:
                    return this.Again("You cannot disable your own account.");
                case Result.NoLongerAdmin:
                    return Forbid();
                case Result.NotFound:
                    return NotFound();
                default:
                    throw new UnreachableException();
            }
        }
    }

    public sealed record Form
    {
        public string? Reason { get; init; }
        public bool WithApps { get; init; }
    }
}
