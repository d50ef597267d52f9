using Ice.Simulation;

namespace IceTool.Simulate;

/// <summary>Runs all sessions of a simulation on several threads. What comes of it does not depend on how many.</summary>
internal static class SimulationRun
{
    private const int SessionsPerBatch = 100;

    /// <summary>Runs all.</summary>
    /// <param name="settings">What to run.</param>
    /// <param name="variant">In which way.</param>
    /// <param name="progress">Told how many sessions are done.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static SessionStatistics Run(SimulateSettings settings, SimulateVariant variant, Action<long> progress, CancellationToken cancellationToken)
    {
        var total = new SessionStatistics(settings.Kinds);
        var gate = new Lock();
        long done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = settings.Threads, CancellationToken = cancellationToken };
        long batches = (settings.Sessions + SessionsPerBatch - 1) / SessionsPerBatch;
        _ = Parallel.For(
            0L,
            batches,
            options,
            () => new SessionStatistics(settings.Kinds),
            (batch, _, statistics) =>
            {
                long end = Math.Min((batch + 1) * SessionsPerBatch, settings.Sessions);
                for (long index = batch * SessionsPerBatch; index < end; index++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    statistics.Add(SessionRun.Run(settings.PlanOf(index, variant)));
                }

                progress(Interlocked.Add(ref done, end - (batch * SessionsPerBatch)));
                return statistics;
            },
            statistics =>
            {
                lock (gate)
                    total.Add(statistics);
            });
        return total;
    }
}
