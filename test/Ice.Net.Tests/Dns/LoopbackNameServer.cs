using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests;

/// <summary>A name server on 127.0.0.1 that answers what a test says, over UDP and on the same port over TCP.</summary>
internal sealed class LoopbackNameServer : IDisposable
{
    private readonly Socket _udp;
    private readonly Socket _tcp;
    private int _queries;

    public LoopbackNameServer(Func<byte[], byte[]> answer, Func<byte[], byte[]>? overTcp = null)
        : this(query => (byte[][])[answer(query)], overTcp)
    {
    }

    public LoopbackNameServer(Func<byte[], byte[][]> answers, Func<byte[], byte[]>? overTcp = null)
    {
        (_udp, _tcp) = Bind();
        EndPoint = (IPEndPoint)_tcp.LocalEndPoint!;
        _tcp.Listen();
        _ = ServeUdpAsync(answers);
        if (overTcp is not null)
            _ = ServeTcpAsync(overTcp);
    }

    public IPEndPoint EndPoint { get; }

    public int Queries => Volatile.Read(ref _queries);

    public void Dispose()
    {
        _udp.Dispose();
        _tcp.Dispose();
    }

    // A port that TCP has free may be somebody's over UDP.
    private static (Socket Udp, Socket Tcp) Bind()
    {
        for (int attempt = 1; ; attempt++)
        {
            Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                udp.Bind(tcp.LocalEndPoint!);
                return (udp, tcp);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < 20)
            {
                udp.Dispose();
                tcp.Dispose();
            }
        }
    }

    private async Task ServeUdpAsync(Func<byte[], byte[][]> answers)
    {
        byte[] buffer = new byte[512];
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                Interlocked.Increment(ref _queries);
                foreach (byte[] answer in answers(buffer[..received.ReceivedBytes]))
                    await _udp.SendToAsync(answer, received.RemoteEndPoint);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException or OperationCanceledException)
        {
        }
    }

    private async Task ServeTcpAsync(Func<byte[], byte[]> answer)
    {
        try
        {
            using Socket client = await _tcp.AcceptAsync();
            await using NetworkStream stream = new(client);
            byte[] prefix = new byte[2];
            await stream.ReadExactlyAsync(prefix);
            byte[] query = new byte[(prefix[0] << 8) | prefix[1]];
            await stream.ReadExactlyAsync(query);
            byte[] message = answer(query);
            await stream.WriteAsync((byte[])[(byte)(message.Length >> 8), (byte)message.Length, .. message]);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException or IOException or OperationCanceledException)
        {
        }
    }
}
