using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Faults;

/// <summary>A PostgreSQL that lives as long as the run, as durable as a real one: what it confirmed survives its crash.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private const int Connections = 120;
    private readonly string bin;
    private readonly string directory;
    private readonly string[] asOwner;

    private Cluster(string bin, string directory, string[] asOwner, int port) => (this.bin, this.directory, this.asOwner, Port) = (bin, directory, asOwner, port);

    public int Port { get; }

    public int Postmaster => int.Parse(File.ReadLines($"{directory}/data/postmaster.pid").First(), CultureInfo.InvariantCulture);

    public string Admin => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres;Pooling=false;Timeout=3";

    public string As(string user, string database) => $"Host=127.0.0.1;Port={Port};Username={user};Database={database}";

    public static async Task<Cluster> Start()
    {
        var bin = Directory.EnumerateDirectories("/usr/lib/postgresql").Order().Select(version => $"{version}/bin").Last(path => File.Exists($"{path}/initdb"));
        var directory = Directory.CreateTempSubdirectory("signet-faults-pg-").FullName;
        string[] asOwner = [];
        if (Environment.UserName == "root") // which PostgreSQL refuses to run as
        {
            await Shell.Run("chown", ["postgres", directory]);
            asOwner = ["runuser", "-u", "postgres", "--"];
        }

        var made = new Cluster(bin, directory, asOwner, FreePort());
        await made.AsOwner("initdb", "--pgdata", $"{directory}/data", "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8");
        await File.AppendAllTextAsync($"{directory}/data/postgresql.conf", $"""

            listen_addresses = '127.0.0.1'
            port = {made.Port}
            unix_socket_directories = '{directory}'
            max_connections = {Connections}
            fsync = on
            full_page_writes = on
            synchronous_commit = on
            """);
        await made.Start(wait: true);
        await made.Execute("CREATE ROLE signet LOGIN CREATEDB"); // no superuser: the reserved connections are not for it
        return made;
    }

    public Task Start(bool wait) => AsOwner("pg_ctl", "start", wait ? "--wait" : "--no-wait", "--silent", "--pgdata", $"{directory}/data", "--log", $"{directory}/log");

    public Task Stop(string mode) => AsOwner("pg_ctl", "stop", "--wait", "--silent", "--mode", mode, "--pgdata", $"{directory}/data");

    public async Task<string> NewDatabase()
    {
        var name = $"signet_{Guid.NewGuid():N}";
        await Execute($"CREATE DATABASE {name} OWNER signet");
        return name;
    }

    public async Task Execute(string sql)
    {
        await using var connection = new NpgsqlConnection(Admin);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> Number(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Admin) { Database = database }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>Kills the postmaster as a crash does, and waits until its children are gone.</summary>
    public async Task Crash()
    {
        var (postmaster, children) = (Postmaster, Shell.Children(Postmaster));
        await Shell.Signal("-KILL", postmaster);
        for (var i = 0; i < 100 && children.Any(child => Directory.Exists($"/proc/{child}")); i++)
            await Task.Delay(50);
    }

    public Task Freeze() => Shell.Signal("-STOP", [Postmaster, .. Shell.Children(Postmaster)]);

    public Task Thaw() => Shell.Signal("-CONT", [.. Shell.Children(Postmaster), Postmaster]);

    public async ValueTask DisposeAsync()
    {
        if (File.Exists($"{directory}/data/postmaster.pid"))
            await Stop("immediate");
        Directory.Delete(directory, recursive: true);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Task<string> AsOwner(string tool, params string[] arguments)
    {
        string[] all = [.. asOwner, $"{bin}/{tool}", .. arguments];
        // pg_ctl's server would keep a pipe open for ever.
        return tool == "pg_ctl"
            ? Shell.Run("sh", ["-c", "exec \"$@\" </dev/null >/dev/null 2>&1", "sh", .. all], directory: directory)
            : Shell.Run(all[0], all[1..], directory: directory);
    }
}
