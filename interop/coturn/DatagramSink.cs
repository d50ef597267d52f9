using System.Net;
using System.Net.Sockets;

namespace CoturnInterop;

/// <summary>Takes datagrams and says nothing: as seen by who sends them, a firewall.</summary>
internal sealed class DatagramSink : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private int _count;

    public DatagramSink(int port)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _running = RunAsync();
    }

    /// <summary>How many have come.</summary>
    public int Count => Volatile.Read(ref _count);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        byte[] buffer = new byte[2048];
        try
        {
            while (true)
            {
                _ = await _socket.ReceiveAsync(buffer, _stop.Token);
                _ = Interlocked.Increment(ref _count);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
