using System.Diagnostics;
using System.Text.Json;

namespace Signet.Tests.Peers;

/// <summary>Signed and encrypted objects as another implementation reads them (npm jose, in jose.mjs).</summary>
internal static class Jose
{
    internal sealed record Read(JsonElement Header, string Text)
    {
        public JsonElement Claims => JsonElement.Parse(Text);
    }

    /// <summary>The object, verified with the key of the set that its <c>kid</c> names.</summary>
    public static Task<Read> Verify(string token, string keySet) => Run(new { token, jwks = JsonElement.Parse(keySet) });

    public static Task<Read> Decrypt(string token, object privateKey) => Run(new { token, privateKey });

    private static async Task<Read> Run(object question)
    {
        var ct = TestContext.Current.CancellationToken;
        using var node = Process.Start(new ProcessStartInfo("node", ["jose.mjs"])
        {
            WorkingDirectory = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../tests/Peers")),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(question).AsMemory(), ct);
        node.StandardInput.Close();
        var (answer, complaint) = (await node.StandardOutput.ReadToEndAsync(ct), await node.StandardError.ReadToEndAsync(ct));
        await node.WaitForExitAsync(ct);
        node.ExitCode.ShouldBe(0, complaint);
        var read = JsonElement.Parse(answer);
        return new(read.GetProperty("header"), read.GetProperty("text").GetString()!);
    }
}
