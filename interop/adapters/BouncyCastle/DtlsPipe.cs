using Ice.Net;
using Org.BouncyCastle.Tls;

namespace Ice.BouncyCastle;

/// <summary>The application data of a DTLS association.</summary>
internal sealed class DtlsPipe : IDatagramPipe
{
    // The datagram is there already: BouncyCastle shall only not wait for ever when it holds no application data.
    private const int NoWait = 1;

    private readonly DtlsTransport _dtls;
    private readonly PipeTransport _transport;
    private readonly Lock _sending = new();
    private readonly byte[] _buffer;
    private bool _ended;

    public DtlsPipe(DtlsTransport dtls, PipeTransport transport)
    {
        _dtls = dtls;
        _transport = transport;
        transport.HandshakeDone();
        _buffer = new byte[transport.GetReceiveLimit()];
    }

    public bool TrySend(ReadOnlySpan<byte> datagram)
    {
        // BouncyCastle takes a lock of its own for each record; this one belongs the answer to the datagram.
        lock (_sending)
        {
            if (_ended || datagram.Length > _dtls.GetSendLimit())
                return false;
            try
            {
                _dtls.Send(datagram);
                return _transport.Sent;
            }
            catch (IOException)
            {
                _ended = true;
                return false;
            }
        }
    }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            int length = Read(pending: true);
            if (length <= 0)
            {
                if (!await _transport.WaitAsync(cancellationToken).ConfigureAwait(false))
                    return End();
                length = Read(pending: false);
            }

            if (length <= 0)
                continue;
            length = Math.Min(length, buffer.Length);
            _buffer.AsSpan(0, length).CopyTo(buffer.Span);
            return length;
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_sending)
        {
            if (!_ended)
                // Sends the goodbye (close_notify).
                _dtls.Close();
            _ended = true;
        }

        await _transport.DisposeAsync().ConfigureAwait(false);
    }

    private int End()
    {
        lock (_sending)
            _ended = true;
        return 0;
    }

    // A datagram may hold several records: those after the first are pending.
    private int Read(bool pending)
    {
        try
        {
            return pending ? _dtls.ReceivePending(_buffer) : _dtls.Receive(_buffer, NoWait);
        }
        catch (IOException)
        {
            // A fatal alert, or the end: BouncyCastle has closed the transport, so the next wait says so.
            _transport.Close();
            return -1;
        }
    }
}
