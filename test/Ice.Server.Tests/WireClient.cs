using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Stun;
using Turn;

namespace Ice.Server.Tests;

/// <summary>Adds attributes to a request.</summary>
internal delegate void Attributes(ref StunWriter writer);

/// <summary>A client over a real socket: UDP, TCP or TLS.</summary>
internal sealed class WireClient : IDisposable
{
    private readonly LongTermClient _credentials = new(new LongTermCredential("alice", "secret"));
    private readonly byte[] _buffer = new byte[70_000];
    private int _length;

    private WireClient(Socket socket, Stream? stream)
    {
        Socket = socket;
        Stream = stream;
    }

    public Socket Socket { get; }

    public Stream? Stream { get; }

    public static WireClient Udp(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(server);
        return new WireClient(socket, null);
    }

    public static async Task<WireClient> TcpAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellationToken);
        return new WireClient(socket, new NetworkStream(socket, ownsSocket: true));
    }

    public static async Task<WireClient> TlsAsync(IPEndPoint server, CancellationToken cancellationToken)
    {
        WireClient plain = await TcpAsync(server, cancellationToken);
        var secure = new SslStream(plain.Stream!, false, static (_, certificate, _, _) => certificate?.GetCertHashString() == Servers.Certificate.GetCertHashString());
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [new SslApplicationProtocol("stun.turn")] }, cancellationToken);
        return new WireClient(plain.Socket, secure);
    }

    public void Dispose()
    {
        Stream?.Dispose();
        Socket.Dispose();
    }

    public async Task SendAsync(byte[] message, CancellationToken cancellationToken)
    {
        if (Stream is null)
            _ = await Socket.SendAsync(message, cancellationToken);
        else
            await Stream.WriteAsync(message, cancellationToken);
    }

    /// <summary>The next message; empty when the stream has ended.</summary>
    public async Task<byte[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (Stream is null)
        {
            int received = await Socket.ReceiveAsync(_buffer, cancellationToken);
            return _buffer[..received];
        }

        while (true)
        {
            if (_length >= 4 && TurnFrame.TryReadLength(_buffer.AsSpan(0, _length), out int length) && _length >= length)
            {
                byte[] message = _buffer[..length];
                _buffer.AsSpan(length, _length - length).CopyTo(_buffer);
                _length -= length;
                return message;
            }

            int count = await Stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            if (count == 0)
                return [];
            _length += count;
        }
    }

    /// <summary>What came after the last message: the first bytes of a data connection.</summary>
    public byte[] TakeRemaining()
    {
        byte[] remaining = _buffer[.._length];
        _length = 0;
        return remaining;
    }

    public async Task<byte[]> GetAsync(StunMethod method, Attributes? attributes, CancellationToken cancellationToken)
    {
        byte[] reply = await AskAsync(method, attributes, cancellationToken);
        Assert.That(CodeOf(reply), Is.Zero, method.ToString());
        return reply;
    }

    public async Task<byte[]> AskAsync(StunMethod method, Attributes? attributes, CancellationToken cancellationToken)
    {
        while (true)
        {
            (byte[] request, RequestStamp stamp) = Write(method, attributes);
            await SendAsync(request, cancellationToken);
            byte[] reply = await ReceiveAsync(cancellationToken);
            Assert.That(StunMessage.TryParse(reply, out StunMessage message, out _), Is.True);
            if (_credentials.Check(message, stamp, Stream is not null) != ResponseVerdict.Retry)
                return reply;
        }
    }

    public Task<byte[]> AllocateAsync(CancellationToken cancellationToken, TurnTransport transport = TurnTransport.Udp, TurnAddressFamily family = TurnAddressFamily.IPv4) =>
        GetAsync(
            StunMethod.Allocate,
            (ref w) =>
            {
                w.AddRequestedTransport(transport);
                w.AddRequestedAddressFamily(family);
            },
            cancellationToken);

    public Task DeleteAsync(CancellationToken cancellationToken) => GetAsync(StunMethod.Refresh, static (ref w) => w.AddLifetime(TimeSpan.Zero), cancellationToken);

    public Task PermitAsync(IPEndPoint peer, CancellationToken cancellationToken) => GetAsync(StunMethod.CreatePermission, (ref w) => w.AddPeer(ToAddress(peer)), cancellationToken);

    public Task BindAsync(ushort channel, IPEndPoint peer, CancellationToken cancellationToken) => GetAsync(
        StunMethod.ChannelBind,
        (ref w) =>
        {
            w.AddChannelNumber(channel);
            w.AddPeer(ToAddress(peer));
        },
        cancellationToken);

    public Task SendOnAsync(ushort channel, byte[] data, CancellationToken cancellationToken)
    {
        byte[] message = new byte[ChannelData.MessageLength(data.Length, Stream is not null)];
        _ = ChannelData.Write(message, channel, data, Stream is not null);
        return SendAsync(message, cancellationToken);
    }

    public Task SendToAsync(IPEndPoint peer, byte[] data, CancellationToken cancellationToken, bool dontFragment = false)
    {
        byte[] buffer = new byte[data.Length + 100];
        var writer = new StunWriter(buffer, StunMethod.Send, StunClass.Indication, TransactionId.Create(EntropySource.Secure));
        writer.AddPeer(ToAddress(peer));
        if (dontFragment)
            writer.AddEmpty(StunAttributeType.DontFragment);
        writer.Add(StunAttributeType.Data, data);
        return SendAsync(writer.Written.ToArray(), cancellationToken);
    }

    public static int CodeOf(byte[] reply)
    {
        Assert.That(StunMessage.TryParse(reply, out StunMessage message, out _), Is.True);
        return message.TryGetErrorCode(out int code, out _) ? code : 0;
    }

    public static IPEndPoint RelayedOf(byte[] reply)
    {
        Assert.That(StunMessage.TryParse(reply, out StunMessage message, out _), Is.True);
        Assert.That(message.TryGetRelayed(out TransportAddress ipv4, out TransportAddress ipv6), Is.True);
        return (ipv4.IsNone ? ipv6 : ipv4).ToIPEndPoint();
    }

    public static uint ConnectionOf(byte[] message)
    {
        Assert.That(StunMessage.TryParse(message, out StunMessage parsed, out _), Is.True);
        Assert.That(parsed.TryGetConnectionId(out uint id), Is.True, parsed.Type.ToString());
        return id;
    }

    public static byte[] DataOf(byte[] message)
    {
        if (ChannelData.TryParse(message, out _, out ReadOnlySpan<byte> payload))
            return payload.ToArray();
        Assert.That(StunMessage.TryParse(message, out StunMessage parsed, out _), Is.True);
        Assert.That(parsed.TryGet(StunAttributeType.Data, out ReadOnlySpan<byte> data), Is.True);
        return data.ToArray();
    }

    public static TransportAddress ToAddress(IPEndPoint endPoint) => TransportAddress.FromIPAddress(endPoint.Address, endPoint.Port);

    private (byte[] Request, RequestStamp Stamp) Write(StunMethod method, Attributes? attributes)
    {
        byte[] buffer = new byte[1000];
        var writer = new StunWriter(buffer, method, StunClass.Request, TransactionId.Create(EntropySource.Secure));
        attributes?.Invoke(ref writer);
        RequestStamp stamp = _credentials.Sign(ref writer);
        return (writer.Written.ToArray(), stamp);
    }
}
