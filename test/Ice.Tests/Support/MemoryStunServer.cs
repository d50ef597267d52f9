using System.Net;
using System.Net.Sockets;
using Stun;

namespace Ice.Tests;

/// <summary>A STUN server on the network in memory that tells every client the same made-up address, as a NAT in between would make it.</summary>
internal sealed class MemoryStunServer : IDisposable
{
    private readonly MemorySocket _socket;
    private readonly TransportAddress _mapped;
    private int _requests;

    public MemoryStunServer(MemoryNetwork network, IPEndPoint address, TransportAddress mapped)
    {
        _mapped = mapped;
        _socket = network.BindSocket(address);
        _ = RunAsync();
    }

    public int Requests => Volatile.Read(ref _requests);

    public void Dispose() => _socket.Dispose();

    private async Task RunAsync()
    {
        byte[] buffer = new byte[2048];
        byte[] answer = new byte[200];
        SocketAddress source = _socket.CreateAddress();
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveFromAsync(buffer, source, CancellationToken.None);
                int answerLength = Answer(buffer.AsSpan(0, length), answer);
                if (answerLength > 0 && _socket.TrySendTo(answer.AsSpan(0, answerLength), source) == SocketError.Success)
                    Interlocked.Increment(ref _requests);
            }
        }
        catch (ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private int Answer(ReadOnlySpan<byte> request, byte[] answer)
    {
        if (!StunMessage.TryParse(request, out StunMessage message, out _) || message.Class != StunClass.Request)
            return 0;
        StunWriter writer = new(answer, StunMethod.Binding, StunClass.SuccessResponse, message.TransactionId);
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, _mapped);
        writer.AddFingerprint();
        return writer.Length;
    }
}
