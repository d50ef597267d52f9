using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests.Sockets;

/// <summary>A socket of one of the kinds, received from in the same way whichever it is.</summary>
internal sealed class OpenedSocket : IDisposable
{
    private readonly SocketKind _kind;
    private readonly CollectingReceiver _receiver = new();

    public OpenedSocket(SocketKind kind, string address = "127.0.0.1")
    {
        _kind = kind;
        IPEndPoint any = new(IPAddress.Parse(address), 0);
        Socket = kind == SocketKind.Portable ? PortableUdpSocket.Bind(any) : IsPushed ? ReaderSocket.Bind(HasReader, address) : LinuxUdpSocket.Bind(any);
        if (IsPushed)
            ((IPushDatagramSocket)Socket).Start(_receiver, Arrived.MaxLength, kind is SocketKind.LinuxSharedMarked or SocketKind.LinuxReaderMarked);
        if (!HasReader || any.Address.Equals(IPAddress.IPv6Any))
            return;
        ((LinuxUdpSocket)Socket).TakeReader();
        while (_receiver.Datagrams.Reader.TryRead(out _))
        {
        }
    }

    public static IEnumerable<SocketKind> AskedKinds =>
        OperatingSystem.IsLinux() ? [SocketKind.Portable, SocketKind.Linux, SocketKind.LinuxMarked] : [SocketKind.Portable];

    public static IEnumerable<SocketKind> Kinds =>
        OperatingSystem.IsLinux() ? [.. AskedKinds, SocketKind.LinuxShared, SocketKind.LinuxSharedMarked, SocketKind.LinuxReader, SocketKind.LinuxReaderMarked] : AskedKinds;

    public IDatagramSocket Socket { get; }

    public SocketAddress Address => Socket.LocalEndPoint.Serialize();

    private bool IsPushed => HasReader || _kind is SocketKind.LinuxShared or SocketKind.LinuxSharedMarked;

    private bool HasReader => _kind is SocketKind.LinuxReader or SocketKind.LinuxReaderMarked;

    public SocketError Send(ReadOnlySpan<byte> datagram, SocketAddress destination) => Socket.TrySendTo(datagram, destination);

    /// <summary>The next datagram that arrives.</summary>
    public async Task<Arrived> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (IsPushed)
            return await _receiver.Datagrams.Reader.ReadAsync(cancellationToken);
        byte[] buffer = new byte[Arrived.MaxLength + 1];
        SocketAddress source = Socket.CreateAddress();
        ReceivedDatagram received = _kind == SocketKind.LinuxMarked
            ? await ((IMarkedDatagramSocket)Socket).ReceiveMarkedFromAsync(buffer, source, cancellationToken)
            : new ReceivedDatagram(await Socket.ReceiveFromAsync(buffer, source, cancellationToken), null);
        return new Arrived(buffer[..received.Length], (IPEndPoint)Socket.LocalEndPoint.Create(source), received.TrafficClass);
    }

    /// <summary>Disposes, and waits for the end of what was receiving.</summary>
    /// <exception cref="SocketException">Or another of those that <see cref="IDatagramSocket"/> names, where a receive was pending.</exception>
    public async Task EndAsync(Task pending)
    {
        Socket.Dispose();
        if (IsPushed)
        {
            await ((IPushDatagramSocket)Socket).Completion;
            _receiver.Datagrams.Writer.Complete(new ObjectDisposedException(nameof(OpenedSocket)));
        }

        await pending;
    }

    public void Dispose() => Socket.Dispose();
}
