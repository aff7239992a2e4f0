using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

internal static partial class EditApi
{
    [Authorize(Policies.Admin)]
    [RecentSignIn(IsLongForm = true)]
    public sealed class Page(IMediator mediator, ClientDirectory directory, IOptions<SignetOptions> options) : PageModel
    {
        [BindProperty] public Request Input { get; set; } = new();
        [BindProperty] public double? Minutes { get; set; }

        public Resource Api { get; private set; } = null!;
        public string MetadataUrl => ResourceMetadata.UrlOf(Api, options.Value);

        public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken ct)
        {
            if (!await Find(id, ct))
                return NotFound();
            Minutes = Api.AccessTokenLifetime?.TotalMinutes;
            Input = new Request
            {
                Id = id,
                Name = Api.Name,
                DocumentationUri = Api.DocumentationUri,
                Scopes = [.. Api.Scopes.OrderBy(scope => scope.Name, StringComparer.Ordinal).Select(scope => new ApiScope { Name = scope.Name, Description = scope.Description })],
                DetailsTypes = [.. Api.DetailsTypes.Select(type => new ApiDetailsType { Name = type.Name, Description = type.Description })],
            };
            return Page();
        }

        public async Task<IActionResult> OnPostAsync(Guid id, CancellationToken ct)
        {
            if (!await Find(id, ct) || await mediator.Send(Input with { Id = id, AccessTokenLifetime = ApiRules.Minutes(Minutes) }, ct) is Result.NotFound)
                return NotFound();
            TempData["Notice"] = "The API was changed.";
            return RedirectToPage("ListApis");
        }

        private async Task<bool> Find(Guid id, CancellationToken ct)
        {
            if ((await directory.Resources(ct)).FirstOrDefault(api => api.Id == id) is not { } api)
                return false;
            Api = api;
            return true;
        }
    }
}
