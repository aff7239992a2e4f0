using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Signet.Infrastructure.Data;
using Signet.Infrastructure.Tokens;

namespace Signet.Tests.Features.Keys;

/// <summary>Nodes of one installation while the files of their signing keys change under them, one node after the other.</summary>
public sealed class KeysFromFilesTests(KeysFromFilesTests.OwnSite site) : FlowTest(site), IClassFixture<KeysFromFilesTests.OwnSite>
{
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(24.1);
    private readonly string directory = Directory.CreateTempSubdirectory("signet-keys-").FullName;
    private readonly List<WebApplicationFactory<Program>> nodes = [];
    private (Client Client, string Secret) app;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Site.InDatabase(db => db.SigningKeys.ExecuteDeleteAsync(Ct));
        app = await AddClient();
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        Directory.Delete(directory, recursive: true);
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_change_of_files_one_node_after_the_other_breaks_no_token()
    {
        var (first, second, third) = (KeyOnDisk.NewEc(directory), KeyOnDisk.NewEc(directory), KeyOnDisk.NewEc(directory));

        // From the database to a file: announced for a day, and a node that was not restarted goes on with its key.
        var plain = Node();
        var stored = await SignsWith(plain);
        var a = Node(first.Path);
        (await SignsWith(a)).ShouldBe(stored);
        (await Kids(plain)).ShouldContain(first.Kid);
        Pass(Ahead);
        (await SignsWith(a)).ShouldBe(first.Kid);
        (await SignsWith(plain)).ShouldBe(stored);
        await Trust(plain, a);

        // Nobody makes a key behind the file's back, and a key that is still signed with stays published.
        for (var days = 0; days < 3; days++)
        {
            Pass(TimeSpan.FromHours(20));
            await SignsWith(a);
            await KeepUp(plain);
            (await SignsWith(plain)).ShouldBe(stored);
        }

        await Trust(plain, a);
        (await Site.InDatabase(db => db.SigningKeys.CountAsync(key => key.Algorithm == "ES256" && key.RetiredFrom == null, Ct))).ShouldBe(1);

        // A newer file behind the first.
        var b = Node(first.Path, second.Path);
        (await SignsWith(b)).ShouldBe(first.Kid);
        (await Kids(a)).ShouldContain(second.Kid);
        Pass(Ahead);
        (await SignsWith(b)).ShouldBe(second.Kid);
        (await SignsWith(a)).ShouldBe(first.Kid);
        await Trust(a, b);

        for (var days = 0; days < 2; days++)
        {
            Pass(TimeSpan.FromHours(20));
            await Trust(a, b);
        }

        // One file in the place of all others, and no key of the database any more: there is nothing else to sign with, so it signs at once.
        var c = Node(third.Path);
        (await SignsWith(c)).ShouldBe(third.Kid);
        await Trust(a, b, c);

        // What nobody signs with any more is published for as long as a token may live, and not longer.
        Pass(TimeSpan.FromHours(25));
        (await Kids(c)).ShouldContain(second.Kid);
        Pass(TimeSpan.FromHours(4));
        var left = await Kids(c);
        left.ShouldContain(third.Kid);
        left.ShouldNotContain(first.Kid);
        left.ShouldNotContain(second.Kid);
    }

    [Fact]
    public async Task A_retired_file_hands_over_to_a_key_of_the_database_in_good_time()
    {
        var file = KeyOnDisk.NewEc(directory);
        (await SignsWith(Node(file.Path))).ShouldBe(file.Kid, "it is the first key that there is");

        var node = Retiring(file.Path);
        (await SignsWith(node)).ShouldBe(file.Kid);
        var announced = await Kids(node);
        Pass(Ahead);
        var stored = await SignsWith(node);

        stored.ShouldNotBe(file.Kid);
        announced.ShouldContain(stored);
        (await Kids(node)).ShouldContain(file.Kid);
        await Trust(node, Node());
    }

    [Fact]
    public async Task A_file_that_was_taken_away_comes_back_under_its_own_kid_and_may_wait_for_its_day()
    {
        var (first, second) = (KeyOnDisk.NewEc(directory), KeyOnDisk.NewEc(directory));
        await SignsWith(Node(first.Path));
        (await SignsWith(Node(second.Path))).ShouldBe(second.Kid);
        (await SignsWith(Node(first.Path))).ShouldBe(first.Kid);

        var day = Site.Clock.GetUtcNow().AddDays(10);
        var third = KeyOnDisk.NewEc(directory);
        var waiting = Node([first.Path, third.Path], ("Signet:Keys:Files:1:NotBefore", day.ToString("O")));
        Pass(TimeSpan.FromDays(9));
        (await SignsWith(waiting)).ShouldBe(first.Kid);
        Pass(TimeSpan.FromDays(1.1));
        (await SignsWith(waiting)).ShouldBe(third.Kid);
    }

    [Fact]
    public async Task Nodes_that_start_together_with_one_file_agree_on_it()
    {
        var file = KeyOnDisk.NewEc(directory);

        var together = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => Node(file.Path))));

        foreach (var node in together)
            (await SignsWith(node)).ShouldBe(file.Kid);
        (await Site.InDatabase(db => db.SigningKeys.CountAsync(key => key.Algorithm == "ES256", Ct))).ShouldBe(1);
        (await Site.InDatabase(db => db.SigningKeys.Where(key => key.Id == file.Kid).Select(key => key.SealedPrivateKey).SingleAsync(Ct))).ShouldBeEmpty("the private half stays in the file");
    }

    [Fact]
    public async Task The_command_line_says_which_keys_are_from_files()
    {
        var file = KeyOnDisk.NewEc(directory);
        await using var installation = await EmptyInstallation.Make(onPostgres: false);
        installation.Settings["Database:MigrateOnStart"] = "true";
        installation.Settings["Signet:Keys:Files:0:Path"] = file.Path;

        var rotated = await SignetProcess.Run(installation.Settings, "keys", "rotate");
        var keys = JsonDocument.Parse((await SignetProcess.Run(installation.Settings, "keys", "list", "--json")).Output).RootElement.EnumerateArray().ToArray();

        rotated.Output.ShouldContain("The next keys sign from");
        rotated.Output.ShouldContain("ES256: the key is from a file and was not rotated.");
        keys.Where(key => Text(key, "algorithm") == "ES256").Select(key => (Text(key, "kid"), Text(key, "state"), Text(key, "source"))).ShouldBe([(file.Kid, "active", "file")]);
        keys.Count(key => Text(key, "source") == "database").ShouldBe(6);
    }

    private WebApplicationFactory<Program> Node(params string[] files) => Node(files, []);

    private WebApplicationFactory<Program> Retiring(string file) => Node([file], ("Signet:Keys:Files:0:Use", "Retire"));

    private WebApplicationFactory<Program> Node(string[] files, params (string Name, string Value)[] settings)
    {
        var node = Site.WithWebHostBuilder(builder =>
        {
            foreach (var (index, file) in files.Index())
                builder.UseSetting($"Signet:Keys:Files:{index}:Path", file);
            foreach (var (name, value) in settings)
                builder.UseSetting(name, value);
        });
        _ = node.Services;
        lock (nodes)
            nodes.Add(node);
        return node;
    }

    private void Pass(TimeSpan time)
    {
        Site.Clock.Advance(time);
        foreach (var node in nodes)
            node.Services.GetRequiredService<KeyRing>().Forget();
    }

    private static async Task KeepUp(WebApplicationFactory<Program> node)
    {
        using var scope = node.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<KeyRotation>().KeepUp(Ct);
    }

    private async Task<string> SignsWith(WebApplicationFactory<Program> node) => Jwt(await Issue(node)).Kid;

    private async Task<string> Issue(WebApplicationFactory<Program> node) =>
        Text(await Json(await PostAs(Browser(node), app.Client.Id, app.Secret, "/oauth/token", ("grant_type", "client_credentials"))), "access_token");

    /// <summary>Every node accepts what every other signs, and publishes the key of it.</summary>
    private async Task Trust(params WebApplicationFactory<Program>[] all)
    {
        var tokens = await Task.WhenAll(all.Select(Issue));
        foreach (var node in all)
        {
            node.Services.GetRequiredService<KeyRing>().Forget(); // within five seconds by itself
            var kids = await Kids(node);
            foreach (var token in tokens)
            {
                (await Introspect(Browser(node), app.Client, app.Secret, token)).ShouldContain("\"active\":true");
                kids.ShouldContain(Jwt(token).Kid);
            }
        }
    }

    private static async Task<string[]> Kids(WebApplicationFactory<Program> node)
    {
        node.Services.GetRequiredService<KeyRing>().Forget();
        return [.. (await Json(await Browser(node).GetAsync("/.well-known/jwks.json", Ct))).GetProperty("keys").EnumerateArray().Select(key => Text(key, "kid"))];
    }

    private static HttpClient Browser(WebApplicationFactory<Program> node) => node.CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri(Tests.Site.Issuer), AllowAutoRedirect = false });

    /// <summary>The keys of these nodes are no other test's.</summary>
    public sealed class OwnSite : PostgresSite;
}
