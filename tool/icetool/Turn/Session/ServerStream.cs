using System.Net;

namespace IceTool.Turn;

/// <summary>An open stream to a server, and the local address it leaves from.</summary>
internal readonly record struct ServerStream(Stream Stream, IPEndPoint Local);
