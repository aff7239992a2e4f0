using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class RegisterApp
{
    [RecentSignIn(IsLongForm = true)]
    public sealed class Page(IMediator mediator, ClientDirectory directory, Caller caller, IOptions<SignetOptions> options) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new() { Kind = ClientKind.Web, Scopes = ClientDefaults.Of(ClientKind.Web).Scopes };
        [BindProperty] public string? RedirectUris { get; set; }

        public Resource[] Apis { get; private set; } = [];

        /// <summary>Set once the app is registered: the page then shows it instead of the form.</summary>
        public ShowApp.App? App { get; private set; }
        public Secret? ClientSecret { get; private set; }
        public AppExamples? Examples { get; private set; }

        public bool MayRegister => caller.MayRegisterApps(options.Value);

        public async Task OnGetAsync(CancellationToken ct) => Apis = await directory.Resources(ct);

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            Apis = await directory.Resources(ct);
            return await mediator.Send(Input with { RedirectUris = Lists.Lines(RedirectUris) }, ct) switch
            {
                Result.Registered registered => await Show(registered, ct),
                Result.NotAllowed => Forbid(),
                Result.IdTaken => Again("Another app has this id; choose another or leave it out."),
                Result.TooMany many => Again($"You have {many.Most} apps, which is the most. Remove one first."),
                _ => throw new UnreachableException(),
            };
        }

        private async Task<IActionResult> Show(Result.Registered registered, CancellationToken ct)
        {
            if (await mediator.Send(new ShowApp.Request(registered.Id), ct) is not ShowApp.Result.Found found)
                return RedirectToPage("ListApps"); // an administrator has taken it away in this moment
            (App, ClientSecret) = (found.App, registered.Secret);
            Examples = AppExamples.Of(found.App, options.Value.Issuer, registered.Secret);
            return Page();
        }

        private PageResult Again(string message)
        {
            ModelState.AddModelError("", message);
            return Page();
        }
    }
}
