using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Repo.Tests.Purity;

/// <summary>One of each thing that a protocol assembly may not do. Never run: the purity tests look for them in this assembly's metadata.</summary>
internal static class PuritySamples
{
    internal static Socket? OnlyReturnsASocket() => null;

    internal static DateTime ReadsTheClock() => DateTime.UtcNow;

    internal static DateTimeOffset ReadsTheOtherClock() => DateTimeOffset.Now;

    internal static long ReadsTheTimestamp() => Stopwatch.GetTimestamp();

    internal static long ReadsTheTickCount() => Environment.TickCount64;

    internal static TimeProvider OnlyReturnsATimeProvider(TimeProvider provider) => provider;

    internal static int DrawsARandomNumber() => Random.Shared.Next();

    internal static int DrawsASecureNumber() => RandomNumberGenerator.GetInt32(5);

    internal static Guid DrawsAGuid() => Guid.NewGuid();

    internal static void ResolvesAName() => Dns.GetHostEntry("localhost");

    internal static object EnumeratesInterfaces() => NetworkInterface.GetAllNetworkInterfaces();

    internal static async Task<int> IsAsynchronous() => await Task.FromResult(1);

    internal static void StartsAThread() => new Thread(static () => { }).Start();

    internal static void QueuesWork() => ThreadPool.QueueUserWorkItem(static _ => { });

    internal static Timer OnlyReturnsATimer(Timer timer) => timer;

    internal static string ReadsAFile() => File.ReadAllText("x");

    // What is allowed: values, and the primitives that need no thread.
    internal static EndPoint MakesAnEndPoint(Lock gate, ref int count)
    {
        lock (gate)
        {
            Interlocked.Increment(ref count);
            return Volatile.Read(ref count) == 0 ? new DnsEndPoint("a.local", 1) : new IPEndPoint(IPAddress.Loopback, 1);
        }
    }
}
