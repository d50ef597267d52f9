using System.Net;
using Ice.Net;

namespace Ice.Tests;

/// <summary>A resolver that never answers and does not even look at its token, as some do.</summary>
internal sealed class NeverResolver : INameResolver
{
    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken) =>
        new TaskCompletionSource<IReadOnlyList<IPAddress>>().Task;
}
