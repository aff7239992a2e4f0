using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class AddUser
{
    [Authorize(Policies.Admin)]
    [RecentSignIn(IsLongForm = true)]
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public Form Input { get; set; } = new();

        /// <summary>The new account with the password that was made for it; shown in the answer of the POST and never again.</summary>
        public Result.Added? Added { get; private set; }

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            switch (await mediator.Send(new Request { Email = Input.Email, Name = Input.Name, IsAdmin = Input.IsAdmin }, ct))
            {
                case Result.Added added:
                    Added = added;
                    return Page();
                case Result.Taken:
                    return this.Again("There is a user with this e-mail address already.");
                default:
                    throw new UnreachableException();
            }
        }
    }

    /// <summary>What the form asks for: never a password, which an administrator should not choose for another.</summary>
    public sealed record Form
    {
        public string? Email { get; init; }
        public string? Name { get; init; }
        public bool IsAdmin { get; init; }
    }
}
