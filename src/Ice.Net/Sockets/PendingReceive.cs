using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Ice.Net;

/// <summary>The one receive of a <see cref="LinuxUdpSocket"/> that may wait, used again each time: a wait allocates nothing.</summary>
internal sealed class PendingReceive : IValueTaskSource<ReceivedDatagram>, IValueTaskSource<int>
{
    private readonly LinuxUdpSocket _socket;
    private readonly Action _ready;
    private ManualResetValueTaskSourceCore<ReceivedDatagram> _completion;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _awaiter;
    private bool _isMarked;
    private Memory<byte> _buffer;
    private SocketAddress? _source;
    private CancellationToken _cancellationToken;

    public PendingReceive(LinuxUdpSocket socket)
    {
        _socket = socket;
        _ready = OnReady;
    }

    /// <summary>Begins to wait.</summary>
    /// <param name="begun">What is waited for: <see cref="LinuxUdpSocket.WaitToReceive"/> if marked, <see cref="LinuxUdpSocket.BeginReceive"/> if not.</param>
    /// <param name="isMarked">Whether the traffic class is wanted.</param>
    /// <param name="buffer">Where the datagram goes.</param>
    /// <param name="source">Takes the sender's address.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The token of the task to make with this.</returns>
    public short Start(ValueTask<int> begun, bool isMarked, Memory<byte> buffer, SocketAddress source, CancellationToken cancellationToken)
    {
        _completion.Reset();
        _isMarked = isMarked;
        _buffer = buffer;
        _source = source;
        _cancellationToken = cancellationToken;
        short token = _completion.Version;
        if (!IsFinished(begun))
            Wait();
        return token;
    }

    ReceivedDatagram IValueTaskSource<ReceivedDatagram>.GetResult(short token) => _completion.GetResult(token);

    int IValueTaskSource<int>.GetResult(short token) => _completion.GetResult(token).Length;

    ValueTaskSourceStatus IValueTaskSource<ReceivedDatagram>.GetStatus(short token) => _completion.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<ReceivedDatagram>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    private void OnReady()
    {
        if (!Finish())
            Wait();
    }

    private void Wait()
    {
        ValueTask<int> begun;
        do
        {
            try
            {
                begun = _isMarked ? _socket.WaitToReceive(_cancellationToken) : _socket.BeginReceive(_buffer, _source!, _cancellationToken);
            }
            catch (ObjectDisposedException exception)
            {
                _completion.SetException(exception);
                return;
            }
        }
        while (!IsFinished(begun));
    }

    /// <returns>Whether the receive has ended, or will be ended by <see cref="OnReady"/>; false when something has to be begun again.</returns>
    private bool IsFinished(ValueTask<int> begun)
    {
#pragma warning disable CA2012 // the awaiter is looked at once, in Finish
        _awaiter = begun.ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        if (_awaiter.IsCompleted)
            return Finish();
        _awaiter.UnsafeOnCompleted(_ready);
        return true;
    }

    /// <summary>Ends the receive, unless there was nothing to receive after all: somebody else's error, or a datagram that the system took back.</summary>
    private bool Finish()
    {
#pragma warning disable CA1031 // whatever it is, it is the receiver's to see
        try
        {
            ReceivedDatagram received = new(_awaiter.GetResult(), null);
            if (_isMarked && !_socket.TryReceive(_buffer.Span, _source!, out received))
                return false;
            _completion.SetResult(received);
        }
        catch (SocketException exception) when (_socket.IsEcho(exception.SocketErrorCode))
        {
            return false;
        }
        catch (Exception exception)
        {
            _completion.SetException(exception);
        }
#pragma warning restore CA1031

        return true;
    }
}
