using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ice.Tests;

public sealed class TelemetryTests
{
    [Test]
    public async Task The_meter_tells_connections_pairs_and_datagrams()
    {
        using TestMeterFactory factory = new();
        ConcurrentQueue<(string Name, double Value, string Tags)> measured = new();
        using MeterListener listener = Listen(factory, measured);
        MemoryPair pair = await MemoryPair.ConnectedAsync(options => options with { MeterFactory = factory }, options => options with { MeterFactory = factory });
        await pair.Left.SendAsync(new byte[100]);
        await pair.Right.ReceiveAsync(new byte[100]).AsTask().WaitAsync(AgentPair.Limit);
        // Connected does not say that the nomination has come, too.
        await MemoryPair.EventuallyAsync(() => pair.Left.SelectedPair is { Selected: true } && pair.Right.SelectedPair is { Selected: true });
        await pair.DisposeAsync();
        listener.RecordObservableInstruments();

        Assert.Multiple(() =>
        {
            Assert.That(measured.Count(static m => m.Name == "ice.connect.duration"), Is.EqualTo(2));
            Assert.That(measured.Count(static m => m.Name == "ice.check.rtt"), Is.GreaterThanOrEqualTo(2));
            Assert.That(measured.Count(static m => m.Name == "ice.pair.selected" && m.Tags == "local.type=host,remote.type=host"), Is.GreaterThanOrEqualTo(2));
            Assert.That(measured, Does.Contain(("ice.io.bytes", 100d, "direction=sent")));
            Assert.That(measured, Does.Contain(("ice.io.bytes", 100d, "direction=received")));
            Assert.That(measured, Does.Contain(("ice.io.datagrams", 1d, "direction=sent")));
            Assert.That(measured.Single(static m => m.Name == "ice.check.sent").Value, Is.InRange(2, 12));
            Assert.That(measured, Does.Contain(("ice.datagram.dropped", 0d, "reason=buffer_full")));
        });
    }

    [Test]
    public async Task Gathering_and_connecting_are_activities_and_leave_the_callers_own_alone()
    {
        ConcurrentQueue<Activity> stopped = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == "Ice",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using Activity own = new Activity("own").Start();
        MemoryPair pair = await MemoryPair.ConnectedAsync();
        Assert.That(Activity.Current, Is.SameAs(own));
        await pair.DisposeAsync();

        Activity gather = stopped.First(activity => activity.OperationName == "ice.gather" && activity.ParentId == own.Id);
        Assert.That(gather.Events.Select(static item => item.Name), Is.EqualTo(new[] { "candidate" }));
        Assert.That(stopped.Count(static activity => activity.OperationName == "ice.connect" && activity.Status == ActivityStatusCode.Ok), Is.EqualTo(2));
    }

    [Test]
    public async Task No_log_entry_holds_a_password_and_addresses_stay_at_Debug()
    {
        CapturingLoggerFactory logs = new();
        MemoryPair pair = await MemoryPair.ConnectedAsync(options => options with { LoggerFactory = logs }, options => options with { LoggerFactory = logs });
        IceParameters[] secrets = [pair.Left.LocalParameters, pair.Right.LocalParameters];
        await pair.DisposeAsync();

        Assert.That(logs.Lines, Has.Some.StartsWith("Information 1001"));
        foreach (IceParameters parameters in secrets)
            Assert.That(logs.Lines, Has.None.Contains(parameters.Password));
        Assert.That(logs.Lines.Where(static line => line.Contains("192.0.2.", StringComparison.Ordinal)), Has.All.StartsWith("Debug"));
    }

    private static MeterListener Listen(TestMeterFactory factory, ConcurrentQueue<(string Name, double Value, string Tags)> measured)
    {
        MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Enqueue((instrument.Name, value, Format(tags))));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Enqueue((instrument.Name, value, Format(tags))));
        listener.Start();
        return listener;
    }

    private static string Format(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        List<string> parts = [];
        foreach (KeyValuePair<string, object?> tag in tags)
            parts.Add($"{tag.Key}={tag.Value}");
        return string.Join(',', parts);
    }
}
