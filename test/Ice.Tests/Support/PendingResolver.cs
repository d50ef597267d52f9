using System.Net;
using Ice.Net;

namespace Ice.Tests;

/// <summary>A resolver that answers when the test does.</summary>
internal sealed class PendingResolver(Task<IReadOnlyList<IPAddress>> answer) : INameResolver
{
    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken) => answer;
}
