namespace Stun.Tests.Discovery;

/// <summary>A request that a probe sent, as a server sees it.</summary>
internal sealed record SentRequest(NatSocketId Socket, TransportAddress Destination, TransactionId Id, uint Change, int ResponsePort, int Padding);

/// <summary>What comes back for it.</summary>
internal sealed record ScriptedAnswer(TransportAddress Source, byte[] Bytes)
{
    /// <summary>The socket to which it comes; null for the one that asked.</summary>
    public NatSocketId? Socket { get; init; }
}

/// <summary>A probe in virtual time whose requests are answered by a script.</summary>
internal sealed class ScriptedProbe
{
    public static readonly TransportAddress Server = TransportAddress.Parse("203.0.113.10", 3478);
    public static readonly TransportAddress Other = TransportAddress.Parse("203.0.113.11", 3479);

    private static readonly TransportAddress s_local = TransportAddress.Parse("192.168.1.2", 0);

    private readonly Func<ScriptedProbe, SentRequest, IEnumerable<ScriptedAnswer>> _script;
    private readonly byte[] _buffer = new byte[NatBehaviorProbe.MaxTransmitLength];
    private readonly Queue<(SentRequest Request, ScriptedAnswer Answer)> _coming = [];

    public ScriptedProbe(Func<ScriptedProbe, SentRequest, IEnumerable<ScriptedAnswer>> script, Func<NatProbeOptions, NatProbeOptions>? change = null)
    {
        _script = script;
        var options = new NatProbeOptions { Servers = [Server] };
        Probe = new NatBehaviorProbe(change?.Invoke(options) ?? options, EntropySource.Secure, Now);
    }

    public NatBehaviorProbe Probe { get; }

    public Instant Now { get; private set; }

    public List<SentRequest> Sent { get; } = [];

    public List<NatProbeDrop> Drops { get; } = [];

    public Dictionary<NatSocketId, TransportAddress> Locals { get; } = [];

    public bool OpensSockets { get; set; } = true;

    public NatBehavior? Result { get; private set; }

    /// <summary>A success response; the mapped address is left out when it is none.</summary>
    public static byte[] Success(SentRequest request, TransportAddress mapped, TransportAddress other = default, StunAttributeType otherType = StunAttributeType.OtherAddress, ushort extra = 0)
    {
        var writer = new StunWriter(new byte[200], StunMethod.Binding, StunClass.SuccessResponse, request.Id);
        if (!mapped.IsNone)
            writer.AddXorAddress(StunAttributeType.XorMappedAddress, mapped);
        if (!other.IsNone)
            writer.AddAddress(otherType, other);
        if (extra != 0)
            writer.AddUInt32((StunAttributeType)extra, 0);
        return writer.Written.ToArray();
    }

    public static byte[] Error(SentRequest request, int code)
    {
        var writer = new StunWriter(new byte[200], StunMethod.Binding, StunClass.ErrorResponse, request.Id);
        writer.AddErrorCode(code);
        if (code == StunErrorCode.UnknownAttribute)
            writer.AddUnknownAttributes([(ushort)StunAttributeType.ChangeRequest]);
        return writer.Written.ToArray();
    }

    /// <summary>A port that is always the same for a socket and never the local one: endpoint-independent mapping, no preservation.</summary>
    public TransportAddress Mapped(SentRequest request) => TransportAddress.Parse("198.51.100.1", Locals[request.Socket].Port + 100);

    public TransportAddress LocalOf(NatSocketId socket) => Locals[socket];

    public NatBehavior Run()
    {
        Drain();
        for (int steps = 0; Result is null; steps++)
        {
            Assert.That(steps, Is.LessThan(10_000), "the probe does not end");
            if (_coming.TryDequeue(out (SentRequest Request, ScriptedAnswer Answer) next))
            {
                Now += TimeSpan.FromMilliseconds(5);
                Inject(next.Answer.Socket ?? next.Request.Socket, next.Answer.Source, next.Answer.Bytes);
                continue;
            }

            Assert.That(Probe.NextTimeout.IsNever, Is.False, "the probe waits for nothing");
            Now = Instant.Max(Now, Probe.NextTimeout);
            Probe.HandleTimeout(Now);
            Drain();
        }

        return Result;
    }

    public void Inject(NatSocketId socket, TransportAddress source, byte[] datagram)
    {
        Drops.Add(Probe.HandleDatagram(socket, source, datagram, Now));
        Drain();
    }

    private void Drain()
    {
        bool more = true;
        while (more)
        {
            more = false;
            while (Probe.TryGetEvent(out NatProbeEvent? value))
                more |= Apply(value);
            while (Probe.TryGetTransmit(_buffer, out NatProbeTransmit transmit))
            {
                SentRequest request = Read(transmit);
                Sent.Add(request);
                foreach (ScriptedAnswer answer in _script(this, request))
                    _coming.Enqueue((request, answer));
            }
        }
    }

    private bool Apply(NatProbeEvent value)
    {
        switch (value)
        {
            case NatProbeEvent.OpenSocket open when OpensSockets:
                Locals.Add(open.Socket, s_local.WithPort(40_000 + (3 * open.Socket.Value)));
                Probe.HandleSocketOpened(open.Socket, Locals[open.Socket], Now);
                return true;
            case NatProbeEvent.OpenSocket open:
                Probe.HandleSocketFailed(open.Socket, Now);
                return true;
            case NatProbeEvent.Completed completed:
                Result = completed.Behavior;
                return false;
            default:
                return false;
        }
    }

    private SentRequest Read(in NatProbeTransmit transmit)
    {
        Assert.That(StunMessage.TryParse(_buffer.AsSpan(0, transmit.Length), out StunMessage message, out _), Is.True);
        Assert.That(message.Type, Is.EqualTo(new StunType(StunMethod.Binding, StunClass.Request)));
        _ = message.TryGetUInt32(StunAttributeType.ChangeRequest, out uint change);
        int port = message.TryGet(StunAttributeType.ResponsePort, out ReadOnlySpan<byte> value) ? (value[0] << 8) | value[1] : 0;
        int padding = message.TryGet(StunAttributeType.Padding, out ReadOnlySpan<byte> filling) ? filling.Length : 0;
        return new SentRequest(transmit.Socket, transmit.Destination, message.TransactionId, change, port, padding);
    }
}
