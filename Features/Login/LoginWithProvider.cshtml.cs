using System.Diagnostics;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Signet.Features;

/// <summary>What the buttons of the providers lead to.</summary>
internal sealed record ProviderOffer(string? ReturnUrl, bool IsConfirmation = false);

internal static partial class LoginWithProvider
{
    private const string PurposeItem = "purpose";
    private const string SessionItem = "session";
    private const string ReturnUrlItem = "return-url";

    /// <summary>Sends the person to the provider (POST), and decides what it means when they come back (GET).</summary>
    [AllowAnonymous]
    public sealed class Page(IMediator mediator, ExternalProviders providers, Caller caller, TimeProvider time) : PageModel
    {
        public const string Path = "/login/external";

        [BindProperty(SupportsGet = true, Name = "provider")] public string? Provider { get; set; }
        [BindProperty(Name = "returnUrl")] public string? ReturnUrl { get; set; }
        [BindProperty(Name = "purpose")] public Purpose Purpose { get; set; }

        /// <summary>What to tell someone who could not be signed in.</summary>
        public string Explanation { get; private set; } = "The other site did not confirm who you are, or you came back too late. Nothing was changed. Try again.";

        /// <summary>Where the person goes next, out of here.</summary>
        public Uri? Destination { get; private set; }

        public async Task<IActionResult> OnPostAsync()
        {
            if (providers.Find(Provider) is not { } provider)
                return NotFound();
            if (!ModelState.IsValid)
                return BadRequest();
            if (Purpose != Purpose.SignIn && caller.SessionId is null)
                return RedirectToPage("/Features/Login/Login", new { returnUrl = "/account/logins" });
            if (Purpose == Purpose.Link && time.GetUtcNow() - caller.ProvenAt > RecentSignInAttribute.Recent)
                return RedirectToPage("/Features/Login/ConfirmPassword", new { returnUrl = "/account/logins" });

            // A session is renewed only by someone who signs in there now, not by one who once did (OIDC Core §3.1.2.1).
            var properties = new OpenIdConnectChallengeProperties { RedirectUri = $"{Path}/{provider.Key}", MaxAge = Purpose == Purpose.Confirm ? TimeSpan.Zero : null };
            properties.Items[PurposeItem] = Purpose.ToString();
            properties.Items[ReturnUrlItem] = this.Local(ReturnUrl);
            if (Purpose != Purpose.SignIn)
                properties.Items[SessionItem] = caller.SessionId.ToString();
            return await Leave(provider, properties);
        }

        public async Task<IActionResult> OnGetAsync(CancellationToken ct)
        {
            if (Provider == ExternalProvider.Failed)
                return Page();
            if (providers.Find(Provider) is not { } provider)
                return NotFound();
            var outcome = await HttpContext.AuthenticateAsync(Schemes.External);
            await HttpContext.SignOutAsync(Schemes.External);
            if (outcome is not { Succeeded: true, Principal: { } person, Properties: { } properties }
                || properties.GetString(".AuthScheme") != provider.Scheme
                || !Enum.TryParse<Purpose>(properties.GetString(PurposeItem), out var purpose))
                return Page();
            var returnUrl = this.Local(properties.GetString(ReturnUrlItem));
            var session = Guid.TryParse(properties.GetString(SessionItem), out var id) ? id : (Guid?)null;
            return await mediator.Send(new Request(provider, person, purpose, session), ct) switch
            {
                Result.SignedIn or Result.Confirmed => this.Onward(returnUrl),
                Result.NeedsSecondFactor => RedirectToPage("/Features/TwoFactor/VerifySecondFactor", new { returnUrl }),
                Result.NeedsEnrolment => RedirectToPage("/Features/TwoFactor/EnrolAtSignIn", new { returnUrl }),
                Result.Linked => LinkedTo(provider),
                Result.AccountExists => Explain("There is an account with this e-mail address already. Sign in to it as you usually do, then link this login under Account, Sign-in methods. If you never made it, somebody else did with your address: tell an administrator."),
                Result.BelongsToAnother => Explain("This login belongs to another account here. Sign in with it, or remove it there first."),
                Result.WrongPerson => Explain("That is no login of the account that you are signed in with. Choose the one that you used before."),
                Result.WrongSession => Explain("You began this in another session. Begin again from your account page."),
                Result.HasNoEmail => Explain($"{provider.Name} did not tell us an e-mail address, and an account needs one."),
                Result.Closed => Explain("You have no account here yet, and sign-up is closed. Ask an administrator for one."),
                Result.Disabled => Explain("This account is disabled. Ask an administrator."),
                _ => throw new UnreachableException(),
            };
        }

        /// <summary>
        /// Leads on by a page and not by a redirect: browsers hold every redirect that follows a form against the page's form-action,
        /// and where a provider sends its people before it asks them, or back at once, no policy can list.
        /// </summary>
        private async Task<IActionResult> Leave(ExternalProvider provider, AuthenticationProperties properties)
        {
            try
            {
                await HttpContext.ChallengeAsync(provider.Scheme, properties);
            }
            catch (Exception away) when (IsOfTheProvider(away) && !HttpContext.RequestAborted.IsCancellationRequested)
            {
                ExternalProvidersExtensions.Failed(HttpContext.RequestServices.GetRequiredService<ILogger<ExternalProviders>>(), provider.Key, away.GetBaseException().Message);
                Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return Explain($"{provider.Name} cannot be reached at the moment. Try again in a few minutes, or sign in another way.");
            }

            Destination = new Uri(Response.Headers.Location.ToString());
            Response.Headers.Remove("Location");
            Response.Headers["Refresh"] = $"0;url={Destination.AbsoluteUri}";
            Response.StatusCode = StatusCodes.Status200OK;
            return Page();
        }

        // Its metadata cannot be read, or it does not take the pushed request.
        private static bool IsOfTheProvider(Exception exception) => exception
            is HttpRequestException or TaskCanceledException or OpenIdConnectProtocolException
            or InvalidOperationException { InnerException: IOException or HttpRequestException or OperationCanceledException };

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
