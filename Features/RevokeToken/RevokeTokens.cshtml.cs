using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class RevokeTokens
{
    [Authorize(Policies.Admin)]
    [RecentSignIn(IsLongForm = true)]
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        [BindProperty(SupportsGet = true, Name = "q")] public string? Query { get; set; }

        public FindTokens.Result? Found { get; private set; }

        /// <summary>What is about to end, when the page asks for confirmation.</summary>
        public Result.Counted? Confirming { get; private set; }

        public async Task OnGetAsync(CancellationToken ct)
        {
            if (!string.IsNullOrWhiteSpace(Query))
                Found = await mediator.Send(new FindTokens.Request(Query, null), ct);
        }

        public async Task OnPostFindAsync(Secret? token, CancellationToken ct)
        {
            ModelState.Clear();
            Found = await mediator.Send(new FindTokens.Request(null, token), ct);
        }

        /// <summary>Says beforehand what ends.</summary>
        public async Task<IActionResult> OnPostAskAsync(CancellationToken ct)
        {
            if (await mediator.Send(Input with { Preview = true }, ct) is Result.Counted counted)
                return Confirm(counted);
            return Gone();
        }

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            if (string.IsNullOrWhiteSpace(Input.Reason) && await mediator.Send(Input with { Preview = true }, ct) is Result.Counted counted)
            {
                ModelState.AddModelError("Input.Reason", "Say why; the audit trail keeps it.");
                return Confirm(counted);
            }

            switch (await mediator.Send(Input with { Preview = false }, ct))
            {
                case Result.Revoked revoked:
                    TempData["Notice"] = $"Ended: {revoked.Impact}.";
                    return RedirectToPage();
                case Result.NotFound:
                    return Gone();
                default:
                    throw new UnreachableException();
            }
        }

        private PageResult Confirm(Result.Counted counted)
        {
            Confirming = counted;
            return Page();
        }

        private RedirectToPageResult Gone()
        {
            TempData["Notice"] = "There is nothing like that, or it is over already.";
            return RedirectToPage();
        }
    }
}
