using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class IssuePersonalToken
{
    [RecentSignIn(IsLongForm = true)]
    public sealed class Page(IMediator mediator, ClientDirectory directory, Caller caller, IOptions<LifetimeOptions> lifetimes) : PageModel
    {
        private static readonly int[] Choices = [7, 30, 90, 365];

        [BindProperty] public Request Input { get; set; } = new();

        public IReadOnlyList<ListPersonalTokens.Row> Tokens { get; private set; } = [];
        public IReadOnlyList<OfferGroup> Groups { get; private set; } = [];
        public IEnumerable<int> DayChoices => Choices.Where(days => TimeSpan.FromDays(days) <= lifetimes.Value.PersonalTokenMaximum);

        /// <summary>The token just made: shown as the answer of this one POST, and never again.</summary>
        public Result? Made { get; private set; }

        public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
        {
            Groups = await Offers(directory, caller, HttpContext.RequestAborted);
            await base.OnPageHandlerExecutionAsync(context, next);
            Tokens = (await mediator.Send(new ListPersonalTokens.Request(), HttpContext.RequestAborted)).Tokens;
        }

        public async Task OnPostAsync(CancellationToken ct)
        {
            Made = await mediator.Send(Input, ct);
            Input = new();
            ModelState.Clear();
        }

        public async Task<IActionResult> OnPostRevokeAsync(Guid id, CancellationToken ct)
        {
            TempData["Notice"] = await mediator.Send(new RevokePersonalToken.Request(id), ct) is RevokePersonalToken.Result.Revoked
                ? "The token no longer works."
                : "There is no such token any more.";
            return RedirectToPage();
        }
    }
}
