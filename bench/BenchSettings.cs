using System.Net;
using Ice.Net;

namespace Bench;

/// <summary>What the command line asked for.</summary>
/// <param name="Runs">How often to measure.</param>
/// <param name="SocketFactory">What opens the agents' sockets; null as they do by themselves.</param>
internal sealed record BenchSettings(int Runs, Func<IPEndPoint, IDatagramSocket>? SocketFactory);
