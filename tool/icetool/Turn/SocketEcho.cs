using System.Net;
using System.Net.Sockets;
using Stun;

namespace IceTool.Turn;

/// <summary>A socket of this machine that sends back what comes: the relay has to be able to reach it.</summary>
internal sealed class SocketEcho : IEchoPeer
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public SocketEcho(IPAddress address)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(address, 0));
        Address = TransportAddress.FromIPAddress(address, ((IPEndPoint)_socket.LocalEndPoint!).Port);
        _running = RunAsync();
    }

    public TransportAddress Address { get; }

    public string Kind => "a local socket";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        byte[] buffer = new byte[ushort.MaxValue];
        var source = new SocketAddress(_socket.AddressFamily);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                int length = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, source, _stop.Token).ConfigureAwait(false);
                _ = await _socket.SendToAsync(buffer.AsMemory(0, length), SocketFlags.None, source, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // A datagram that could not be sent is lost, as on any network.
            }
        }
    }
}
