using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class ChangePassword
{
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        public Demand Asked { get; private set; } = null!;

        public async Task OnGetAsync(CancellationToken ct) => Asked = await mediator.Send(new Question(), ct);

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            await OnGetAsync(ct);
            return await mediator.Send(Input, ct) switch
            {
                Result.Changed => Done(),
                Result.WrongPassword => Beside(nameof(ChangePassword.Request.Current), "This is not your current password."),
                Result.Objected { Objection: var objection } => Beside(nameof(ChangePassword.Request.New), objection),
                Result.MustConfirm => RedirectToPage("/Features/Login/ConfirmPassword", new { returnUrl = "/account/password" }),
                Result.Outrun => this.Again("Your account was changed elsewhere at the same moment. Please try again."),
                Result.Locked => this.TooMany("Too many wrong attempts. Please try again in a few minutes.", Attempts.LockedFor),
                Result.Busy => this.Busy(),
                _ => throw new UnreachableException(),
            };
        }

        private RedirectToPageResult Done()
        {
            TempData["Notice"] = "Your password is changed. You were signed out everywhere else, and apps have to ask you again.";
            return RedirectToPage("/Features/Account/ShowAccount");
        }

        private PageResult Beside(string field, string message)
        {
            ModelState.AddModelError($"{nameof(Input)}.{field}", message);
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }
    }
}
