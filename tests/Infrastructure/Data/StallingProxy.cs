using System.Net;
using System.Net.Sockets;

namespace Signet.Tests.Infrastructure.Data;

/// <summary>Stands before a PostgreSQL and can stop passing anything on, as a server does that hangs: connected, and silent.</summary>
internal sealed class StallingProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly string host;
    private readonly int port;
    private volatile TaskCompletionSource flow = new();

    public StallingProxy(string host, int port)
    {
        (this.host, this.port) = (host, port);
        flow.SetResult();
        listener.Start();
        _ = Accept();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Stall() => flow = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Flow() => flow.TrySetResult();

    private async Task Accept()
    {
        while (!end.IsCancellationRequested)
            _ = Serve(await listener.AcceptTcpClientAsync(end.Token));
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(host, port, end.Token);
            await Task.WhenAny(Pass(client.GetStream(), server.GetStream()), Pass(server.GetStream(), client.GetStream()));
        }
    }

    private async Task Pass(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[8192];
        while (await from.ReadAsync(buffer, end.Token) is > 0 and var read)
        {
            await flow.Task.WaitAsync(end.Token);
            await to.WriteAsync(buffer.AsMemory(0, read), end.Token);
        }
    }

    public void Dispose()
    {
        end.Cancel();
        listener.Dispose();
        end.Dispose();
    }
}
