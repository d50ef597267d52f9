using System.Diagnostics.Metrics;

namespace Ice.Tests;

/// <summary>Makes meters that belong to one test.</summary>
internal sealed class TestMeterFactory : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        Meter meter = new(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose() => _meters.ForEach(static meter => meter.Dispose());
}
