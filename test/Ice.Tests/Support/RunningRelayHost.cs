using System.Net;
using Bench;

namespace Ice.Tests;

/// <summary>The benchmarks' TURN server with a thread of its own, which allocates nothing per datagram.</summary>
internal sealed class RunningRelayHost : IDisposable
{
    private const int WaitMicroseconds = 1000;

    private readonly RelayHost _host = new();
    private readonly Thread _thread;
    private volatile bool _stopped;

    public RunningRelayHost()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = nameof(RunningRelayHost) };
        _thread.Start();
    }

    public IceServer Server => new($"turn:{_host.EndPoint}", RelayHost.User, RelayHost.Password);

    /// <summary>ChannelData messages from clients so far.</summary>
    public long ChannelDataReceived => _host.ChannelDataReceived;

    /// <summary>Messages to clients so far that were ChannelData.</summary>
    public long ChannelDataSent => _host.ChannelDataSent;

    /// <summary>Sends whatever bytes from the server's address.</summary>
    public void SendToClient(ReadOnlySpan<byte> message, IPEndPoint client) => _host.SendToClient(message, client.Serialize());

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        _host.Dispose();
    }

    private void Run()
    {
        while (!_stopped)
            _host.Pump(WaitMicroseconds);
    }
}
