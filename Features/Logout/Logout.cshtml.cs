using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class Logout
{
    [AllowAnonymous]
    public sealed class Page(IMediator mediator, LogoutWishes wishes, Farewells farewells) : PageModel
    {
        [BindProperty(SupportsGet = true, Name = LogoutWishes.Parameter)]
        public string? Asked { get; set; }
        public LogoutWish? Wish => wishes.Open(Asked);

        public void OnGet()
        {
            if (Wish?.RedirectUri is { } uri)
                HttpContext.AllowFormsTo(RedirectUri.CspSource(uri));
        }

        public async Task<IActionResult> OnPostAsync(CancellationToken ct)
        {
            var wish = Wish;
            var farewell = (await mediator.Send(new Request { Wish = wish }, ct)).Farewell;
            if (wish is not null || !farewell.IsPlain)
            {
                HttpContext.SeeOther(farewells.Next(farewell));
                return new EmptyResult();
            }

            TempData["Notice"] = "You are signed out.";
            return RedirectToPage("/Features/Login/Login");
        }
    }
}
