using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class IssueInitialToken
{
    [RecentSignIn(IsLongForm = true)]
    public sealed class Page(IMediator mediator, ClientDirectory directory, Caller caller, IOptions<SignetOptions> options) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();

        public IReadOnlyList<ListInitialTokens.Row> Tokens { get; private set; } = [];
        public IReadOnlyList<(string Api, IReadOnlyList<(string Scope, string Description)> Scopes)> Groups { get; private set; } = [];

        public bool IsOff => options.Value.Registration.Dynamic == DynamicRegistration.Off;
        public bool IsOpen => options.Value.Registration.Dynamic == DynamicRegistration.Open;

        /// <summary>The token just made: shown as the answer of this one POST, and never again.</summary>
        public Result.Issued? Made { get; private set; }

        public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
        {
            if (!caller.MayRegisterApps(options.Value))
            {
                context.Result = NotFound();
                return;
            }

            Groups =
            [
                ("About people", [.. Infrastructure.OAuth.Scopes.AboutPeople.Select(scope => (scope, Infrastructure.OAuth.Scopes.OfSignet[scope]))]),
                .. (await directory.Resources(HttpContext.RequestAborted)).Where(api => api.Scopes is not []).Select(api => (api.Name,
                    (IReadOnlyList<(string, string)>)[.. api.Scopes.Where(scope => !ClientRules.Powerful.Contains(scope.Name)).OrderBy(scope => scope.Name, StringComparer.Ordinal).Select(scope => (scope.Name, scope.Description))])),
            ];
            await base.OnPageHandlerExecutionAsync(context, next);
            Tokens = (await mediator.Send(new ListInitialTokens.Request(), HttpContext.RequestAborted)).Tokens;
        }

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            if (await mediator.Send(Input, ct) is not Result.Issued issued)
                return NotFound();
            Made = issued;
            Input = new();
            ModelState.Clear();
            return Page();
        }

        public async Task<IActionResult> OnPostRevokeAsync(Guid id, CancellationToken ct)
        {
            TempData["Notice"] = await mediator.Send(new RevokeInitialToken.Request(id), ct) is RevokeInitialToken.Result.Revoked
                ? "The token registers no more apps. Those that came with it stay."
                : "There is no such token any more.";
            return RedirectToPage();
        }
    }
}
