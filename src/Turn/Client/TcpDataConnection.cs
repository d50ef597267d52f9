using Stun;

namespace Turn;

/// <summary>
/// A client's data connection of a TCP allocation (RFC 6062 §4.3, §4.4): a stream of its own to the server, on which one ConnectionBind
/// transaction is followed by the peer's bytes as they are.
/// </summary>
/// <remarks>
/// Made by <see cref="TurnClient.CreateDataConnection"/>; shares the client's credentials, so it is to be called under the same lock. Not
/// thread-safe. The owner opens a stream to the same server address from another local port, sends what <see cref="TryGetTransmit"/> gives,
/// hands in what it receives until <see cref="State"/> is Bound, and from then on uses the stream for application data.
/// </remarks>
public sealed class TcpDataConnection
{
    private readonly ClientContext _context;
    private readonly uint _connectionId;
    private readonly byte[] _partial = new byte[MaxResponseLength];
    private int _partialLength;
    private byte[]? _output;
    private TransactionId _id;
    private RequestSignature _signature;
    private Instant _deadline;

    internal TcpDataConnection(ClientContext context, uint connectionId, Instant now)
    {
        _context = context;
        _connectionId = connectionId;
        _deadline = now + RetransmissionSchedule.DefaultReliableTimeout;
        Request();
    }

    /// <summary>The longest response that is read, in bytes.</summary>
    public const int MaxResponseLength = 4096;

    /// <summary>Where the connection stands.</summary>
    public TcpDataConnectionState State { get; private set; } = TcpDataConnectionState.Binding;

    /// <summary>Why it failed; of use only in state Failed.</summary>
    public TurnFailure Failure { get; private set; }

    /// <summary>The server's error code; 0 if it gave none.</summary>
    public int Code { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> is due; Never once it is bound or has failed.</summary>
    public Instant NextTimeout => State == TcpDataConnectionState.Binding ? _deadline : Instant.Never;

    /// <summary>Gives the next bytes to send to the server.</summary>
    /// <param name="buffer">At least 1,280 bytes.</param>
    /// <param name="length">How many bytes.</param>
    /// <returns>False when there is nothing to send.</returns>
    public bool TryGetTransmit(Span<byte> buffer, out int length)
    {
        length = 0;
        if (_output is null)
            return false;
        if (buffer.Length < _output.Length)
            throw new ArgumentException($"The buffer has {buffer.Length} bytes, and the request {_output.Length}: give {RequestQueue.MaxRequestLength}.", nameof(buffer));
        _output.CopyTo(buffer);
        length = _output.Length;
        _output = null;
        return true;
    }

    /// <summary>Takes bytes of the stream until the connection is bound. Never throws for what the bytes hold.</summary>
    /// <param name="received">The bytes in the order of the stream; each byte once.</param>
    /// <returns>
    /// How many bytes belonged to the binding. Those after them are the peer's data (RFC 6062 §5.4: the server sends what it got before the
    /// binding right after its response): keep them.
    /// </returns>
    public int HandleReceived(ReadOnlySpan<byte> received)
    {
        int consumed = 0;
        while (State == TcpDataConnectionState.Binding && consumed < received.Length)
        {
            int take = Math.Min(MissingLength(), received.Length - consumed);
            received.Slice(consumed, take).CopyTo(_partial.AsSpan(_partialLength));
            _partialLength += take;
            consumed += take;
            if (_partialLength < TurnFrame.StartLength)
                continue;
            if (!StunMessage.TryReadLength(_partial, out int length) || length > MaxResponseLength)
                Fail(TurnFailure.BadResponse, 0);
            else if (_partialLength == length)
                HandleMessage();
        }

        return consumed;
    }

    /// <summary>Gives up if no response came in time.</summary>
    public void HandleTimeout(Instant now)
    {
        if (now >= NextTimeout)
            Fail(TurnFailure.Timeout, 0);
    }

    private int MissingLength() => _partialLength < TurnFrame.StartLength || !StunMessage.TryReadLength(_partial, out int length)
        ? TurnFrame.StartLength - _partialLength
        : length - _partialLength;

    private void HandleMessage()
    {
        int length = _partialLength;
        _partialLength = 0;
        if (!StunMessage.TryParse(_partial.AsSpan(0, length), out StunMessage response, out _))
        {
            Fail(TurnFailure.BadResponse, 0);
            return;
        }

        bool isResponse = response.Class is StunClass.SuccessResponse or StunClass.ErrorResponse;
        if (!isResponse || response.Method != StunMethod.ConnectionBind || response.TransactionId != _id)
        {
            _ = _context.Drop(TurnDropReason.UnknownTransaction);
            return;
        }

        int code = 0;
        if (response.Class == StunClass.ErrorResponse)
            _ = response.TryGetErrorCode(out code, out _);
        Conclude(response, code);
    }

    private void Conclude(scoped in StunMessage response, int code)
    {
        switch (_context.Authenticator.Check(response, _signature, reliable: true))
        {
            case ResponseVerdict.Retry when !_context.Authenticator.AwaitsToken:
                Request();
                break;
            case ResponseVerdict.Retry or ResponseVerdict.CredentialsRefused:
                Fail(TurnFailure.CredentialsRefused, code);
                break;
            case ResponseVerdict.ChallengeRefused:
                Fail(TurnFailure.ChallengeRefused, code);
                break;
            case ResponseVerdict.IntegrityIgnored or ResponseVerdict.IntegrityViolated:
                _ = _context.Drop(TurnDropReason.BadIntegrity);
                Fail(TurnFailure.IntegrityViolated, 0);
                break;
            case ResponseVerdict.Ignored:
                _ = _context.Drop(TurnDropReason.Ignored);
                break;
            default:
                if (response.Class == StunClass.ErrorResponse)
                    Fail(TurnFailure.Refused, code);
                else if (RequestQueue.HasUnknownAttributes(response))
                    Fail(TurnFailure.BadResponse, 0);
                else
                    State = TcpDataConnectionState.Bound;
                break;
        }
    }

    private void Request()
    {
        // RFC 6062 §4.3: "Authentication of the client by the server MUST use the same method and credentials as for the control connection.
        // Once established, the client MUST send a ConnectionBind request over the new connection. That request MUST include the
        // CONNECTION-ID attribute, echoed from the Connect Success response."
        _id = TransactionId.Create(_context.Entropy);
        byte[] scratch = new byte[MaxResponseLength];
        var writer = new StunWriter(scratch, StunMethod.ConnectionBind, StunClass.Request, _id);
        writer.AddConnectionId(_connectionId);
        _signature = _context.Authenticator.Sign(ref writer, withToken: false);
        if (writer.Length > RequestQueue.MaxRequestLength)
            Fail(TurnFailure.ChallengeRefused, 0);
        else
            _output = writer.Written.ToArray();
    }

    private void Fail(TurnFailure failure, int code)
    {
        State = TcpDataConnectionState.Failed;
        Failure = failure;
        Code = code;
        _output = null;
    }
}
