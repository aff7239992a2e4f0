using System.Diagnostics;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class LoginWithProvider
{
    private const string LinkingSession = "linking-session";
    private const string ReturnUrlItem = "return-url";

    /// <summary>Sends the person to the provider (POST), and decides what it means when they come back (GET).</summary>
    [AllowAnonymous]
    public sealed class Page(IMediator mediator, ExternalProviders providers, Caller caller, TimeProvider time) : PageModel
    {
        public const string Path = "/login/external";

        [BindProperty(SupportsGet = true, Name = "provider")] public string? Provider { get; set; }
        [BindProperty(Name = "returnUrl")] public string? ReturnUrl { get; set; }

        /// <summary>What to tell someone who could not be signed in.</summary>
        public string Explanation { get; private set; } = "The other site did not confirm who you are, or you came back too late. Nothing was changed. Try again.";

        public IActionResult OnPost(bool link)
        {
            if (providers.Find(Provider) is not { } provider)
                return NotFound();
            var properties = new AuthenticationProperties { RedirectUri = $"{Path}/{provider.Key}" };
            properties.Items[ReturnUrlItem] = this.Local(ReturnUrl);
            if (link && time.GetUtcNow() - caller.AuthenticatedAt > RecentSignInAttribute.Recent)
                return RedirectToPage("/Features/Login/ConfirmPassword", new { returnUrl = "/account/logins" });
            if (link && caller.SessionId is { } session)
                properties.Items[LinkingSession] = session.ToString();
            return Challenge(properties, provider.Scheme);
        }

        public async Task<IActionResult> OnGetAsync(CancellationToken ct)
        {
            if (Provider == "failed")
                return Page();
            if (providers.Find(Provider) is not { } provider)
                return NotFound();
            var outcome = await HttpContext.AuthenticateAsync(Schemes.External);
            await HttpContext.SignOutAsync(Schemes.External);
            if (outcome is not { Succeeded: true, Principal: { } person, Properties: { } properties }
                || properties.Items.TryGetValue(".AuthScheme", out var scheme) && scheme != provider.Scheme)
                return Page();
            var returnUrl = properties.Items.TryGetValue(ReturnUrlItem, out var url) ? this.Local(url) : null;
            var linking = properties.Items.TryGetValue(LinkingSession, out var text) && Guid.TryParse(text, out var id) ? id : (Guid?)null;
            return await mediator.Send(new Request(provider, person, linking), ct) switch
            {
                Result.SignedIn => this.Onward(returnUrl),
                Result.NeedsSecondFactor => RedirectToPage("/Features/TwoFactor/VerifySecondFactor", new { returnUrl }),
                Result.NeedsEnrolment => RedirectToPage("/Features/TwoFactor/EnrolAtSignIn", new { returnUrl }),
                Result.Linked => LinkedTo(provider),
                Result.AccountExists => Explain("There is an account with this e-mail address already. Sign in to it as you usually do, then link this login under Account, Sign-in methods."),
                Result.BelongsToAnother => Explain("This login belongs to another account here. Sign in with it, or remove it there first."),
                Result.WrongSession => Explain("You began to link this login in another session. Begin again from your account page."),
                Result.HasNoEmail => Explain($"{provider.Name} did not tell us an e-mail address, and an account needs one."),
                Result.Closed => Explain("You have no account here yet, and sign-up is closed. Ask an administrator for one."),
                Result.Disabled => Explain("This account is disabled. Ask an administrator."),
                _ => throw new UnreachableException(),
            };
        }

        private RedirectToPageResult LinkedTo(ExternalProvider provider)
        {
            TempData["Notice"] = $"You can now sign in with {provider.Name}.";
            return RedirectToPage("/Features/Account/ListLogins");
        }

        private PageResult Explain(string explanation)
        {
            Explanation = explanation;
            return Page();
        }
    }
}
