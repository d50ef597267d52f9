using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Ice;

/// <summary>The muxes' instruments in the meter "Ice". All are observed: they read what the muxes count anyway.</summary>
internal sealed class MuxMetrics
{
    private static readonly MuxMetrics s_shared = new(new Meter("Ice"));
    private static readonly ConditionalWeakTable<IMeterFactory, MuxMetrics> s_byFactory = [];

    private readonly Lock _gate = new();
    private readonly HashSet<IceUdpMux> _muxes = [];
    private readonly long[] _retiredRouted = new long[4];
    private readonly long[] _retiredDropped = new long[7];

    private MuxMetrics(Meter meter)
    {
        meter.CreateObservableUpDownCounter("ice.mux.agents", CountAgents, "{agent}", "Agents behind a mux.");
        meter.CreateObservableCounter("ice.mux.routed", ObserveRouted, "{datagram}", "Datagrams that a mux found an agent for, by what they were told apart.");
        meter.CreateObservableCounter("ice.mux.dropped", ObserveDropped, "{datagram}", "Datagrams that a mux refused.");
    }

    /// <summary>The instruments of a factory's meter, or those of the process.</summary>
    public static MuxMetrics For(IMeterFactory? factory) =>
        factory is null ? s_shared : s_byFactory.GetValue(factory, static key => new MuxMetrics(key.Create(new MeterOptions("Ice"))));

    /// <summary>Begins to count a mux in.</summary>
    public void Add(IceUdpMux mux)
    {
        lock (_gate)
            _muxes.Add(mux);
    }

    /// <summary>Keeps a mux's last figures and forgets the mux.</summary>
    public void Retire(IceUdpMux mux)
    {
        lock (_gate)
        {
            if (!_muxes.Remove(mux))
                return;
            IceUdpMuxStats stats = mux.GetStats();
            Add(_retiredRouted, Routed(stats));
            Add(_retiredDropped, Dropped(stats));
        }
    }

    private static void Add(long[] sums, long[] values)
    {
        for (int i = 0; i < sums.Length; i++)
            sums[i] += values[i];
    }

    private static long[] Routed(IceUdpMuxStats stats) => [stats.RoutedByUsername, stats.RoutedByTransaction, stats.RoutedByAddress, stats.RoutedBySharedAddress];

    private static long[] Dropped(IceUdpMuxStats stats) =>
        [stats.Malformed, stats.WithoutUsername, stats.UnknownUsername, stats.UnknownTransaction, stats.UnknownSource, stats.TooLarge, stats.NotReceiving];

    private int CountAgents()
    {
        lock (_gate)
            return _muxes.Sum(static mux => mux.AgentCount);
    }

    private IEnumerable<Measurement<long>> ObserveRouted() =>
        Observe(_retiredRouted, Routed, "by", ["username", "transaction", "address", "shared_address"]);

    private IEnumerable<Measurement<long>> ObserveDropped() =>
        Observe(_retiredDropped, Dropped, "reason",
            ["malformed", "no_username", "unknown_username", "unknown_transaction", "unknown_source", "too_large", "not_receiving"]);

    private Measurement<long>[] Observe(long[] retired, Func<IceUdpMuxStats, long[]> read, string tag, string[] values)
    {
        long[] sums = new long[retired.Length];
        lock (_gate)
        {
            Add(sums, retired);
            foreach (IceUdpMux mux in _muxes)
                Add(sums, read(mux.GetStats()));
        }

        return [.. sums.Select((sum, i) => new Measurement<long>(sum, new KeyValuePair<string, object?>(tag, values[i])))];
    }
}
