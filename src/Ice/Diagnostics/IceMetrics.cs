using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Ice;

/// <summary>The meter "Ice". Datagrams are not recorded one by one: the instruments that count them are observed, and read what the agents count anyway.</summary>
internal sealed class IceMetrics
{
    private static readonly IceMetrics s_shared = new(new Meter("Ice"));
    private static readonly ConditionalWeakTable<IMeterFactory, IceMetrics> s_byFactory = [];

    private static readonly KeyValuePair<string, object?> s_sent = new("direction", "sent");
    private static readonly KeyValuePair<string, object?> s_received = new("direction", "received");

    private readonly Lock _gate = new();
    private readonly HashSet<IceAgent> _agents = [];
    private AgentTotals _retired;

    private IceMetrics(Meter meter)
    {
        ConnectDuration = meter.CreateHistogram(
            "ice.connect.duration", "s", "From the first possible check until the agent was connected.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30] });
        CheckRoundTrip = meter.CreateHistogram(
            "ice.check.rtt", "s", "Round-trip time of the check that found a pair to work.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1] });
        PairSelected = meter.CreateCounter<long>("ice.pair.selected", "{pair}", "Selected pairs, by the types of their candidates.");
        meter.CreateObservableCounter("ice.check.sent", () => Read().ChecksSent, "{request}", "Connectivity and consent checks sent, retransmissions included.");
        meter.CreateObservableCounter("ice.io.bytes", ObserveBytes, "By", "Application bytes.");
        meter.CreateObservableCounter("ice.io.datagrams", ObserveDatagrams, "{datagram}", "Application datagrams.");
        meter.CreateObservableCounter("ice.datagram.dropped", ObserveDropped, "{datagram}", "Application datagrams that were not delivered or not sent.");
    }

    public Histogram<double> ConnectDuration { get; }

    public Histogram<double> CheckRoundTrip { get; }

    public Counter<long> PairSelected { get; }

    /// <summary>The instruments of a factory's meter, or those of the process.</summary>
    public static IceMetrics For(IMeterFactory? factory) =>
        factory is null ? s_shared : s_byFactory.GetValue(factory, static key => new IceMetrics(key.Create(new MeterOptions("Ice"))));

    /// <summary>Begins to count an agent in.</summary>
    public void Add(IceAgent agent)
    {
        lock (_gate)
            _agents.Add(agent);
    }

    /// <summary>Keeps an agent's last figures and forgets the agent.</summary>
    public void Retire(IceAgent agent)
    {
        lock (_gate)
        {
            if (_agents.Remove(agent))
                _retired += agent.ReadTotals();
        }
    }

    private AgentTotals Read()
    {
        lock (_gate)
        {
            AgentTotals totals = _retired;
            foreach (IceAgent agent in _agents)
                totals += agent.ReadTotals();
            return totals;
        }
    }

    private IEnumerable<Measurement<long>> ObserveBytes()
    {
        TrafficTotals traffic = Read().Traffic;
        return [new(traffic.BytesSent, s_sent), new(traffic.BytesReceived, s_received)];
    }

    private IEnumerable<Measurement<long>> ObserveDatagrams()
    {
        TrafficTotals traffic = Read().Traffic;
        return [new(traffic.PacketsSent, s_sent), new(traffic.PacketsReceived, s_received)];
    }

    private IEnumerable<Measurement<long>> ObserveDropped()
    {
        AgentTotals totals = Read();
        return
        [
            new(totals.Overflows, new KeyValuePair<string, object?>("reason", "buffer_full")),
            new(totals.Unaccepted, new KeyValuePair<string, object?>("reason", "unknown_source")),
            new(totals.Oversized, new KeyValuePair<string, object?>("reason", "too_large")),
            new(totals.Traffic.PacketsDiscarded, new KeyValuePair<string, object?>("reason", "send_refused")),
        ];
    }
}
