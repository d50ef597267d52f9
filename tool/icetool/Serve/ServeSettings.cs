using System.Net;
using Ice.Server;

namespace IceTool.Serve;

/// <summary>What <c>ice serve</c> was told.</summary>
internal sealed record ServeSettings(TurnServerOptions Options, TimeSpan Drain, bool Json);
