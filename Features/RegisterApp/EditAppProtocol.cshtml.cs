using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Signet.Features;

/// <summary>The grants of an app, its way of authentication and its protocol settings, as a form over <see cref="EditApp"/>.</summary>
internal static partial class EditAppProtocol
{
    [RecentSignIn(IsLongForm = true)]
    public sealed class Page(IMediator mediator) : PageModel
    {
        [BindProperty] public string[] GrantTypes { get; set; } = [];
        [BindProperty] public string? AuthenticationMethod { get; set; }
        [BindProperty] public long? Version { get; set; }

        public ShowApp.App App { get; private set; } = null!;

        /// <summary>What stands in each field, by its member.</summary>
        public Dictionary<string, string> Values { get; private set; } = [];

        public async Task<IActionResult> OnGetAsync(string id, CancellationToken ct)
        {
            if (await Find(id, ct) is not { } app)
                return NotFound();
            var members = app.Settings.ToMembers();
            Values = Fields.Where(field => members.ContainsKey(field.Member)).ToDictionary(field => field.Member, field => Show(field, members[field.Member]));
            (GrantTypes, AuthenticationMethod, Version) = (app.GrantTypes, app.AuthenticationMethods is [var only] ? only : null, app.UpdatedAt.UtcTicks);
            return Page();
        }

        public async Task<IActionResult> OnPostAsync(string id, CancellationToken ct)
        {
            if (await Find(id, ct) is not { } app)
                return NotFound();
            var form = await Request.ReadFormAsync(ct);
            Values = Fields.ToDictionary(field => field.Member, field => form[field.Member].ToString().Trim());
            var changes = new Dictionary<string, JsonElement>();
            foreach (var field in Fields)
            {
                if (Read(field, Values[field.Member]) is { } value)
                    changes[field.Member] = value;
                else
                    ModelState.AddModelError(field.Member, field.Kind == Kind.Json ? "This is not JSON." : "This is not a whole number.");
            }

            if (!ModelState.IsValid)
                return new PageResult { StatusCode = StatusCodes.Status422UnprocessableEntity, ViewData = ViewData };
            var request = EditApp.Request.Of(app) with
            {
                GrantTypes = GrantTypes,
                AuthenticationMethod = string.IsNullOrEmpty(AuthenticationMethod) ? null : AuthenticationMethod,
                Settings = AppDocument.Change(app.Settings, changes),
                Version = Version,
            };
            switch (await mediator.Send(request, ct))
            {
                case EditApp.Result.Changed:
                    TempData["Notice"] = "The app was changed.";
                    return RedirectToPage("ShowApp", new { id });
                case EditApp.Result.NotFound:
                    return NotFound();
                case EditApp.Result.Conflict:
                    return this.Again("Somebody else has changed this app in the meantime. Open it again to see what it is now.");
                default:
                    throw new UnreachableException();
            }
        }

        private static IEnumerable<Field> Fields => Sections.SelectMany(section => section.Fields).Prepend(Profile);

        /// <summary>What is wrong with settings that are on another page.</summary>
        public IEnumerable<string> Elsewhere => ModelState
            .Where(entry => entry.Value is { Errors.Count: > 0 } && entry.Key.Length > 0 && entry.Key is not (nameof(GrantTypes) or nameof(AuthenticationMethod)) && Fields.All(shown => shown.Member != entry.Key))
            .SelectMany(entry => entry.Value!.Errors.Select(error => error.ErrorMessage));

        private static string Show(Field field, JsonElement value) => field.Kind switch
        {
            Kind.Lines => string.Join('\n', value.EnumerateArray().Select(entry => entry.ToString())),
            Kind.Json => JsonSerializer.Serialize(value, Indented),
            _ => value.ToString(),
        };

        private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
        private static readonly JsonElement Nothing = JsonElement.Parse("null");

        // Null where the text is nothing that the field can hold; an empty field is JSON's null, which takes the member away.
        private static JsonElement? Read(Field field, string text)
        {
            if (text.Length == 0)
                return Nothing;
            switch (field.Kind)
            {
                case Kind.Lines:
                    return JsonSerializer.SerializeToElement(Lists.Lines(text));
                case Kind.Flag:
                    return JsonSerializer.SerializeToElement(text == "true");
                case Kind.Number:
                    return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? JsonSerializer.SerializeToElement(number) : null;
                case Kind.Json:
                    try
                    {
                        return JsonElement.Parse(text);
                    }
                    catch (JsonException)
                    {
                        return null;
                    }

                default:
                    return JsonSerializer.SerializeToElement(text);
            }
        }

        private async Task<ShowApp.App?> Find(string id, CancellationToken ct) =>
            await mediator.Send(new ShowApp.Request(id), ct) is ShowApp.Result.Found { App: { Kind: not ClientKind.Api, IsOfDocument: false } app } ? App = app : null;
    }
}
