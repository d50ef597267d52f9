using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Stun;

/// <summary>
/// Finds out how the NATs behave that are between a local address and STUN servers (RFC 5780 §4), as a state machine. It owns no socket, no thread
/// and no clock: datagrams and the time go in; messages, events and the next deadline come out.
/// </summary>
/// <remarks>
/// Not thread-safe. After any input, and after construction, drain both outputs (events first: they ask for sockets) and then re-read
/// <see cref="NextTimeout"/>. The requests carry no credentials: nothing that is found is proven, and an attacker on the path can feign any NAT.
/// </remarks>
public sealed class NatBehaviorProbe
{
    /// <summary>The buffer that <see cref="TryGetTransmit"/> needs, in bytes.</summary>
    public const int MaxTransmitLength = 1600;

    private static readonly StunAttributeType[] s_known =
    [
        StunAttributeType.MappedAddress, StunAttributeType.XorMappedAddress, StunAttributeType.ErrorCode, StunAttributeType.UnknownAttributes,
        StunAttributeType.SourceAddress, StunAttributeType.ChangedAddress, StunAttributeType.ReflectedFrom, StunAttributeType.Padding,
        StunAttributeType.Realm, StunAttributeType.Nonce,
    ];

    private static readonly byte[] s_padding = new byte[1500];

    private readonly ProbeContext _context;
    private readonly ProbePlan _plan;
    private readonly long[] _drops = new long[Enum.GetValues<NatProbeDrop>().Length];

    /// <summary>Makes a probe and starts it: the first event asks for a socket.</summary>
    /// <param name="options">What to find out.</param>
    /// <param name="entropy">The randomness: transaction ids, and the jitter of the pacing.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">The options cannot be; the message says which and why.</exception>
    public NatBehaviorProbe(NatProbeOptions options, EntropySource entropy, Instant now)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(entropy);
        options.Validate();
        _context = new ProbeContext(options, entropy, now);
        _plan = new ProbePlan(_context);
        _plan.Start();
    }

    /// <summary>Whether all tests have ended.</summary>
    public bool IsCompleted => _context.IsClosed;

    /// <summary>When <see cref="HandleTimeout"/> is due; Never when idle.</summary>
    public Instant NextTimeout => _context.NextTimeout;

    /// <summary>What is known so far; what is not has its reason.</summary>
    public NatBehavior GetBehavior() => _plan.Report();

    /// <summary>How many datagrams were refused for a reason.</summary>
    public long GetDropCount(NatProbeDrop reason) => _drops[(int)reason];

    /// <summary>The driver has opened a socket.</summary>
    /// <param name="socket">As the event called it.</param>
    /// <param name="local">Its address and port; a wildcard cannot be compared with what servers see.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidOperationException">No such socket was asked for.</exception>
    public void HandleSocketOpened(NatSocketId socket, TransportAddress local, Instant now)
    {
        if (local.IsNone || local.IsAny || local.Port == 0)
            throw new ArgumentException($"{local} is no address of a bound socket: bind one local address, not a wildcard.", nameof(local));
        _context.Opened(socket, local.WithoutScope(), now);
        Advance(now);
    }

    /// <summary>The driver could not open a socket.</summary>
    /// <param name="socket">As the event called it.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidOperationException">No such socket was asked for.</exception>
    public void HandleSocketFailed(NatSocketId socket, Instant now)
    {
        _context.Opened(socket, TransportAddress.None, now);
        Advance(now);
    }

    /// <summary>A datagram has come. Never throws, whatever it holds.</summary>
    /// <param name="socket">The socket to which it came.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="datagram">The bytes.</param>
    /// <param name="now">The time.</param>
    /// <returns>Why it was refused, or None; it is counted.</returns>
    public NatProbeDrop HandleDatagram(NatSocketId socket, TransportAddress source, ReadOnlySpan<byte> datagram, Instant now)
    {
        NatProbeDrop drop = Take(socket, source.WithoutScope(), datagram, now);
        _drops[(int)drop]++;
        Advance(now);
        return drop;
    }

    /// <summary>The time has come that <see cref="NextTimeout"/> told; calling it early does nothing.</summary>
    /// <param name="now">The time.</param>
    public void HandleTimeout(Instant now) => Advance(now);

    /// <summary>Writes the next message that is to be sent.</summary>
    /// <param name="buffer">Where it goes; at least <see cref="MaxTransmitLength"/> bytes.</param>
    /// <param name="transmit">From which socket, where to, and how long it is.</param>
    /// <returns>False when there is none.</returns>
    /// <exception cref="ArgumentException">The buffer is too short.</exception>
    public bool TryGetTransmit(Span<byte> buffer, out NatProbeTransmit transmit)
    {
        if (buffer.Length < MaxTransmitLength)
            throw new ArgumentException($"The buffer needs {MaxTransmitLength} bytes.", nameof(buffer));
        transmit = default;
        if (!_context.TryTakeLeaving(out ProbeRequest? request))
            return false;
        transmit = new NatProbeTransmit(request.Socket.Id, request.Destination, Encode(request, buffer));
        return true;
    }

    /// <summary>Reads the next event.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryGetEvent([NotNullWhen(true)] out NatProbeEvent? value) => _context.Events.TryDequeue(out value);

    private void Advance(Instant now)
    {
        if (!_context.IsClosed)
            _context.Advance(now);
    }

    private NatProbeDrop Take(NatSocketId id, TransportAddress source, ReadOnlySpan<byte> datagram, Instant now)
    {
        if (!StunMessage.TryParse(datagram, out StunMessage message, out _))
            return NatProbeDrop.Malformed;
        if (_context.IsClosed || _context.Find(id) is not { } socket || message.Method != StunMethod.Binding || message.Class == StunClass.Indication)
            return NatProbeDrop.Unexpected;
        ProbeRequest? request = _context.Find(message.TransactionId);
        if (message.Class == StunClass.Request)
            return TakeHairpinned(request, socket, source, now);
        if (request is null || request.HairpinTarget is not null)
            return NatProbeDrop.UnknownTransaction;
        if (!request.MayAnswer(source, socket))
            return NatProbeDrop.WrongSource;
        if (request.IsAnswered)
            return NatProbeDrop.Duplicate;
        if (request.IsCancelled || Read(message, socket, source) is not { } answer)
            return request.IsCancelled ? NatProbeDrop.UnknownTransaction : NatProbeDrop.Unusable;
        _context.Take(request, answer, now);
        return NatProbeDrop.None;
    }

    private NatProbeDrop TakeHairpinned(ProbeRequest? request, ProbeSocket socket, TransportAddress source, Instant now)
    {
        if (request?.HairpinTarget != socket)
            return NatProbeDrop.Unexpected;
        _plan.Hairpin?.OnArrived(request, source, now);
        return NatProbeDrop.None;
    }

    private static ProbeAnswer? Read(scoped in StunMessage message, ProbeSocket socket, TransportAddress source)
    {
        Span<ushort> unknown = stackalloc ushort[1];
        if (message.GetUnknownComprehensionRequired(unknown, s_known) > 0)
            return null;
        if (message.Class == StunClass.ErrorResponse)
            return message.TryGetErrorCode(out int code, out _) ? new ProbeAnswer { Code = code, Source = source, Socket = socket } : null;
        // MAPPED-ADDRESS is what NATs rewrite that mean well; it counts only where there is nothing better.
        if (!message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped))
            _ = message.TryGetAddress(StunAttributeType.MappedAddress, out mapped);
        // RFC 5780 §7.4: "OTHER-ADDRESS uses the same attribute number as CHANGED-ADDRESS from RFC 3489 [RFC3489] because it is simply a new name with
        // the same semantics as CHANGED-ADDRESS." In fact it got one of its own, and older servers send the old one.
        if (!message.TryGetAddress(StunAttributeType.OtherAddress, out TransportAddress other))
            _ = message.TryGetAddress(StunAttributeType.ChangedAddress, out other);
        return new ProbeAnswer { Mapped = mapped, Other = other, Source = source, Socket = socket, HasPadding = message.Has(StunAttributeType.Padding) };
    }

    private static int Encode(ProbeRequest request, Span<byte> buffer)
    {
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, request.Id);
        if (request.Change != 0)
            writer.AddUInt32(StunAttributeType.ChangeRequest, request.Change);
        if (request.Responder is not null)
        {
            // RFC 5780 §7.5: "RESPONSE-PORT is a 16-bit unsigned integer in network byte order followed by 2 bytes of padding."
            Span<byte> port = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(port, (ushort)request.ResponsePort);
            writer.Add(StunAttributeType.ResponsePort, port);
        }

        if (request.Padding > 0)
            writer.Add(StunAttributeType.Padding, s_padding.AsSpan(0, request.Padding));
        return writer.Length;
    }
}
