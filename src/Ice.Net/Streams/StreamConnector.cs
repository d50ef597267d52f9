using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>Connects over TCP to whichever address of a server answers first (Happy Eyeballs, RFC 8305 §5).</summary>
public static class StreamConnector
{
    /// <summary>How long an address may take before the next one is tried beside it: 250 ms (RFC 8305 §8).</summary>
    public static TimeSpan AttemptDelay { get; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects. An address that refuses makes room for the next one at once; attempts that come too late are closed.</summary>
    /// <param name="local">The address to leave from; null leaves it to the system.</param>
    /// <param name="remotes">The server's addresses, the preferred one first; one at least.</param>
    /// <param name="timeProvider">Measures the delay between two attempts.</param>
    /// <param name="cancellationToken">Ends all attempts.</param>
    /// <returns>A connected socket without Nagle's delay; the caller disposes it.</returns>
    /// <exception cref="SocketException">No address can be reached; it is that of the last one.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public static async Task<Socket> ConnectAsync(
        IPAddress? local, IReadOnlyList<IPEndPoint> remotes, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(remotes);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentOutOfRangeException.ThrowIfZero(remotes.Count);
        using var losers = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<Socket>> attempts = [];
        try
        {
            for (int next = 0; ;)
            {
                attempts.Add(ConnectOneAsync(local, remotes[next++], losers.Token));
                // Until it is the next one's turn: after the delay, or when all attempts have failed. The last one waits for all.
                Task turn = next < remotes.Count ? Task.Delay(AttemptDelay, timeProvider, losers.Token) : Task.Delay(Timeout.Infinite, losers.Token);
                while (attempts.Count > 0 && await Task.WhenAny([.. attempts, turn]).ConfigureAwait(false) is Task<Socket> ended)
                {
                    attempts.Remove(ended);
                    if (ended.IsCompletedSuccessfully)
                        return await ended.ConfigureAwait(false);
                    if (next < remotes.Count && !cancellationToken.IsCancellationRequested)
                        break;
                    if (attempts.Count == 0)
                        return await ended.ConfigureAwait(false);
                }

                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await losers.CancelAsync().ConfigureAwait(false);
            foreach (Task<Socket> attempt in attempts)
                await DiscardAsync(attempt).ConfigureAwait(false);
        }
    }

    private static async Task<Socket> ConnectOneAsync(IPAddress? local, IPEndPoint remote, CancellationToken cancellationToken)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            if (local is not null)
                socket.Bind(new IPEndPoint(local, 0));
            await socket.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task DiscardAsync(Task<Socket> attempt)
    {
        try
        {
            (await attempt.ConfigureAwait(false)).Dispose();
        }
        catch (Exception exception) when (FramedStream.IsEnd(exception))
        {
            // It lost the race, or failed: either way there is nothing to close.
        }
    }
}
