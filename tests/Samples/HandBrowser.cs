using System.Net;
using System.Text.RegularExpressions;

namespace Signet.Tests.Samples;

/// <summary>What a browser without JavaScript does, spelled out: follows redirects, keeps cookies per host and port, sends forms.</summary>
internal sealed partial class HandBrowser : IDisposable
{
    private readonly Dictionary<(string Authority, string Name), string> cookies = [];
    private readonly HttpClient http = new(new HttpClientHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
    });

    private string page = "";

    /// <summary>Where an app of the machine waits for the answer: nothing is asked there, the address itself tells.</summary>
    public string? End { get; set; }

    public Uri Location { get; private set; } = new("about:blank");

    public void Keep(Uri site, string name, string value) => cookies[(site.Authority, name)] = value;

    public Task<string> Open(Uri address) => Send(() => new HttpRequestMessage(HttpMethod.Get, address));

    /// <summary>Presses the button with these words, in the form that it stands in.</summary>
    public Task<string> Press(string words)
    {
        var form = Form().Matches(page).Single(match => Button(match.Value, words) is not null).Value;
        var action = Attribute(Button(form, words)!, "formaction") ?? Attribute(form, "action") ?? Location.ToString();
        var fields = Hidden().Matches(form).Select(field => KeyValuePair.Create(Attribute(field.Value, "name")!, Attribute(field.Value, "value") ?? ""));
        return Send(() => new HttpRequestMessage(HttpMethod.Post, new Uri(Location, action)) { Content = new FormUrlEncodedContent(fields) });
    }

    private async Task<string> Send(Func<HttpRequestMessage> first)
    {
        var request = first();
        for (var hops = 0; hops < 20; hops++)
        {
            var address = request.RequestUri!;
            var known = string.Join("; ", cookies.Where(cookie => cookie.Key.Authority == address.Authority).Select(cookie => $"{cookie.Key.Name}={cookie.Value}"));
            if (known.Length > 0)
                request.Headers.Add("Cookie", known);
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
            {
                var (name, value) = cookie.Split(';')[0].Split('=', 2) is [var left, var right] ? (left, right) : ("", "");
                cookies[(address.Authority, name)] = value;
            }

            Location = address;
            if (response.Headers.Location is not { } next)
                return page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (End is not null && next.OriginalString.StartsWith(End, StringComparison.Ordinal))
            {
                Location = next;
                return page = "";
            }

            request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, next));
        }

        throw new InvalidOperationException($"Redirected in circles, last to {Location}.");
    }

    public void Dispose() => http.Dispose();

    private static string? Button(string form, string words) =>
        AnyButton().Matches(form).FirstOrDefault(button => button.Value.Contains($">{words}<", StringComparison.Ordinal))?.Value;

    private static string? Attribute(string element, string name) =>
        Regex.Match(element, $"^<[^>]*\\s{name}=\"([^\"]*)\"") is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("<button.*?</button>", RegexOptions.Singleline)]
    private static partial Regex AnyButton();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*>")]
    private static partial Regex Hidden();
}
