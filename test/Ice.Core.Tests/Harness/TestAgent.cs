using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests.Harness;

/// <summary>One agent under test, its clock, and all that it sent and said.</summary>
internal sealed class TestAgent
{
    private const int MaxStepsWithoutTime = 10_000;
    private readonly byte[] _buffer = new byte[1280];
    private int _answered;

    public TestAgent(IceCoreOptions? options = null, int seed = 1, Instant? start = null)
    {
        Now = start ?? Start;
        Core = new IceCore(options ?? new IceCoreOptions(), new SeededEntropy(seed), Now);
    }

    public IceCore Core { get; }

    public Instant Now { get; private set; }

    /// <summary>All datagrams sent so far, in order.</summary>
    public List<SentDatagram> Sent { get; } = [];

    /// <summary>All events so far, in order, each with its time.</summary>
    public List<(Instant At, IceEvent Event)> Events { get; } = [];

    /// <summary>Answers what is sent, at once: the datagram that comes back on the same path, or null.</summary>
    public Func<SentDatagram, byte[]?>? Network { get; set; }

    public string Ufrag => Core.LocalParameters.UsernameFragment;

    public string Password => Core.LocalParameters.Password;

    public TimeSpan Elapsed => Now - Start;

    public IEnumerable<SentDatagram> Checks => Sent.Where(s => s.IsCheck);

    /// <summary>Checks without retransmissions: the first datagram of each transaction.</summary>
    public IEnumerable<SentDatagram> NewChecks => Checks.DistinctBy(s => s.Message.Id);

    public IEnumerable<SentDatagram> Responses => Sent.Where(s => s.Message.IsSuccess || s.Message.IsError);

    public IReadOnlyList<CandidatePairInfo> Pairs => Core.GetPairs();

    /// <summary>The selected pair, not a valid one that carries data until one is selected.</summary>
    public CandidatePairInfo? Selected => Core.GetSelectedPair(ComponentId.First) is { Selected: true } pair ? pair : null;

    public BaseId AddHost(string address, ComponentId? component = null, int localPreference = 65535, bool signalHost = true, int id = -1)
    {
        var baseId = new BaseId(id >= 0 ? id : ++LastBase);
        var traits = new BaseTraits { LocalPreference = localPreference, InterfaceName = "eth0", SignalHost = signalHost };
        Do(now => Core.AddBase(baseId, component ?? ComponentId.First, At(address), traits, now));
        return baseId;
    }

    private int LastBase { get; set; }

    /// <summary>Gives a command and does what is due at once.</summary>
    public void Do(Action<Instant> command)
    {
        command(Now);
        Settle();
    }

    public T Do<T>(Func<Instant, T> command)
    {
        T result = command(Now);
        Settle();
        return result;
    }

    public InputResult Receive(IcePath path, ReadOnlySpan<byte> datagram)
    {
        InputResult result = Core.HandleDatagram(path, datagram, Now);
        Settle();
        return result;
    }

    /// <summary>Receives and returns what was sent in return at that very instant.</summary>
    public IReadOnlyList<SentDatagram> Exchange(IcePath path, byte[] datagram)
    {
        int before = Sent.Count;
        Receive(path, datagram);
        return Sent[before..];
    }

    /// <summary>Lets time pass, from deadline to deadline.</summary>
    public void Advance(TimeSpan duration)
    {
        Instant end = Now + duration;
        Settle();
        while (Core.NextTimeout <= end)
        {
            Now = Instant.Max(Now, Core.NextTimeout);
            Settle();
        }

        Now = end;
        Settle();
    }

    /// <summary>Lets time pass at once, as for a machine that slept: the agent is woken only at the end.</summary>
    public void Sleep(TimeSpan duration)
    {
        Now += duration;
        Settle();
    }

    /// <summary>Lets time pass until a condition holds; returns whether it came to hold before the limit.</summary>
    public bool AdvanceUntil(Func<bool> condition, TimeSpan limit)
    {
        Instant end = Now + limit;
        Settle();
        while (!condition())
        {
            if (Core.NextTimeout > end)
            {
                Now = end;
                Settle();
                return condition();
            }

            Now = Instant.Max(Now, Core.NextTimeout);
            Settle();
        }

        return true;
    }

    /// <summary>Does all that is due now, and delivers what the network answers.</summary>
    public void Settle()
    {
        for (int step = 0; ; step++)
        {
            Assert.That(step, Is.LessThan(MaxStepsWithoutTime), "the agent does not come to rest: NextTimeout stays in the past");
            Drain();
            if (Answer())
                continue;
            if (Core.NextTimeout > Now)
                return;
            Core.HandleTimeout(Now);
        }
    }

    public CandidatePairInfo PairTo(string remote, BaseId? from = null) =>
        Pairs.Single(p => p.Path.Remote == At(remote) && (from is null || p.Path.Base == from));

    public IReadOnlyList<SentDatagram> ChecksTo(string remote) => [.. Checks.Where(c => c.To == At(remote))];

    public IEnumerable<T> EventsOf<T>()
        where T : IceEvent => Events.Select(e => e.Event).OfType<T>();

    /// <summary>Forgets what was sent and said so far.</summary>
    public void Forget()
    {
        Sent.Clear();
        Events.Clear();
        _answered = 0;
    }

    /// <summary>Refusals over all reasons.</summary>
    public long TotalDrops() => Enum.GetValues<DropReason>().Sum(Core.GetDropCount);

    private void Drain()
    {
        while (Core.TryGetTransmit(_buffer, out Transmit transmit))
            Sent.Add(new SentDatagram(Now, transmit.Path, WireMessage.Parse(_buffer.AsSpan(0, transmit.Length))));
        while (Core.TryGetEvent(out IceEvent? value))
            Events.Add((Now, value));
    }

    private bool Answer()
    {
        if (Network is null)
        {
            _answered = Sent.Count;
            return false;
        }

        bool any = false;
        while (_answered < Sent.Count)
        {
            SentDatagram sent = Sent[_answered++];
            if (Network(sent) is not { } answer)
                continue;
            Core.HandleDatagram(sent.Path, answer, Now);
            Drain();
            any = true;
        }

        return any;
    }
}
