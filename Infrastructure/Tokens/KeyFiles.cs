using System.Security.Cryptography;
using Signet.Infrastructure.Jose;

namespace Signet.Infrastructure.Tokens;

/// <summary>What a key file is for.</summary>
internal enum KeyFileUse
{
    /// <summary>Its key signs, once it has been published for long enough, until a later file's does.</summary>
    Sign,

    /// <summary>Its key signs only until a key of the database has been published for long enough.</summary>
    Retire,
}

/// <summary>One entry of <c>Signet:Keys:Files</c>.</summary>
internal sealed class KeyFileOptions
{
    public string Path { get; init; } = "";
    public string? Password { get; init; }

    /// <summary>A file whose first line is the password.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Without it RS256 for an RSA key; other keys know one algorithm alone.</summary>
    public string? Algorithm { get; init; }
    public KeyFileUse Use { get; init; }

    /// <summary>From when the key may sign; without it as soon as it has been published for <see cref="KeyOptions.PublishAhead"/>.</summary>
    public DateTimeOffset? NotBefore { get; init; }
}

/// <summary>A signing key that an operator keeps in a file.</summary>
internal sealed record KeyFile(string Id, string Algorithm, string PublicJwk, PrivateKey Key, KeyFileUse Use, DateTimeOffset? NotBefore);

/// <summary>The keys of <c>Signet:Keys:Files</c>, read once at the start. Their private halves stay in memory and in their files; the database gets to know the public ones.</summary>
internal sealed class KeyFiles
{
    private const UnixFileMode Anybody = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const int Largest = 64 * 1024;

    public KeyFiles(IOptions<SignetOptions> options)
    {
        All = [.. options.Value.Keys.Files.Select((file, i) => Open($"Signet:Keys:Files:{i}", file))];
        foreach (var (index, file) in All.Index())
        {
            if (All.Take(index).Any(earlier => earlier.Id == file.Id))
                throw new InvalidSetting($"Signet:Keys:Files:{index}:Path has a key that an entry before it has too. A key is for one file and one algorithm; make another.");
        }
    }

    /// <summary>As they are configured; of those for one algorithm the last that may sign does.</summary>
    public IReadOnlyList<KeyFile> All { get; }

    /// <summary>Whether the keys of this algorithm come from files, as far as this node knows.</summary>
    public bool SignBy(string algorithm) => All.Any(file => file.Algorithm == algorithm && file.Use == KeyFileUse.Sign);

    public KeyFile? Find(string id) => All.FirstOrDefault(file => file.Id == id);

    private static KeyFile Open(string setting, KeyFileOptions file)
    {
        if (file.Path.Length == 0)
            throw new InvalidSetting($"{setting}:Path is missing: name a PEM or PKCS#12 (.pfx) file with a private key.");
        var content = Content($"{setting}:Path", file.Path);
        if (PrivateKeyFile.Read(content, Password(setting, file), out var objection) is not var (pkcs8, algorithms))
            throw new InvalidSetting($"{setting}:Path: the file {file.Path} {objection}.");
        CryptographicOperations.ZeroMemory(content);
        var algorithm = file.Algorithm ?? algorithms[0];
        if (!algorithms.Contains(algorithm))
            throw new InvalidSetting($"{setting}:Algorithm is {algorithm}; the key in {file.Path} is for {string.Join(" or ", algorithms)}.");
        var key = PrivateKey.Import(algorithm, pkcs8);
        var (id, jwk) = key.Publish(algorithm);
        return new(id, algorithm, jwk, key, file.Use, file.NotBefore);
    }

    private static string? Password(string setting, KeyFileOptions file)
    {
        if (file.PasswordFile is not { Length: > 0 } path)
            return file.Password is { Length: > 0 } password ? password : null;
        if (file.Password is { Length: > 0 })
            throw new InvalidSetting($"{setting} has Password and PasswordFile; keep one.");
        return System.Text.Encoding.UTF8.GetString(Content($"{setting}:PasswordFile", path)).Split('\n')[0].TrimEnd('\r');
    }

    private static byte[] Content(string setting, string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Anybody) != 0)
                throw new InvalidSetting($"{setting}: every user of this machine can read or change {path}. Take that away (chmod o-rwx), and if others may have read it, make a new one.");
            var content = new byte[RandomAccess.GetLength(file) is <= Largest and var length ? length : throw new InvalidSetting($"{setting}: {path} is too large for what it should be.")];
            return RandomAccess.Read(file, content, 0) == content.Length ? content : throw new IOException($"{path} changed meanwhile.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidSetting($"{setting} cannot be read: {exception.Message}");
        }
    }
}
