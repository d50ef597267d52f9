using Ice.Net;

namespace Ice;

/// <summary>A socket that gathering opened: for which component, on which address, with which preference.</summary>
internal sealed record HostSocket(IceComponent Component, HostAddress Address, int LocalPreference, IDatagramSocket Socket);
