using System.Net;
using Ice.Net;

namespace Ice;

/// <summary>A resolver with a time limit that holds even where the resolver itself does not look at its token.</summary>
internal sealed class BoundedResolver(IceAgentOptions options, CancellationToken closing)
{
    private readonly INameResolver _resolver = options.NameResolver ?? NameResolver.Default;

    /// <summary>Resolves a name.</summary>
    /// <returns>The addresses of families that the agent uses, or why there is none.</returns>
    public async Task<(IReadOnlyList<IPAddress> Addresses, string? Failure)> ResolveAsync(string name)
    {
        using CancellationTokenSource timeout = new(options.GatheringTimeout, options.TimeProvider);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, closing);
#pragma warning disable CA1031 // a resolver of the application's may throw anything; the name is then of no use, and nothing more
        try
        {
            Task<IReadOnlyList<IPAddress>> resolving = _resolver.ResolveAsync(name, stop.Token);
            // What comes after the time limit is of no interest, an exception neither.
            _ = resolving.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            IReadOnlyList<IPAddress> found = await resolving.WaitAsync(stop.Token).ConfigureAwait(false);
            IPAddress[] usable = [.. found.Where(options.Uses)];
            return (usable, usable.Length > 0 ? null : $"'{name}' has no address of a family that the agent uses.");
        }
        catch (OperationCanceledException)
        {
            return ([], $"'{name}' was not resolved within {options.GatheringTimeout.TotalSeconds:0.#} s: check the name and the resolver.");
        }
        catch (Exception exception)
        {
            return ([], $"'{name}' was not resolved: {exception.Message}.");
        }
#pragma warning restore CA1031
    }
}
