using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Turn;

namespace Ice.Server;

/// <summary>Every log message of the assembly: event ids 3000 to 3099.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(3001, LogLevel.Debug, "Receiving on {EndPoint} failed: {Error}; the server goes on")]
    public static partial void ReceiveFailed(ILogger logger, IPEndPoint endPoint, SocketError error);

    [LoggerMessage(3002, LogLevel.Error, "The socket {EndPoint} keeps failing and was given up")]
    public static partial void SocketLost(ILogger logger, IPEndPoint endPoint, Exception exception);

    [LoggerMessage(3003, LogLevel.Debug, "An answer from {EndPoint} could not be sent: {Error}; the client will ask again")]
    public static partial void SendFailed(ILogger logger, IPEndPoint endPoint, SocketError error);

    [LoggerMessage(3005, LogLevel.Information, "TURN server listens on {Transport} {EndPoint}")]
    public static partial void Serving(ILogger logger, string transport, IPEndPoint endPoint);

    [LoggerMessage(3006, LogLevel.Debug, "{News}", SkipEnabledCheck = true)]
    public static partial void News(ILogger logger, TurnServerEvent news);

    [LoggerMessage(3007, LogLevel.Debug, "A relay was not opened: {Reason}; another port is tried")]
    public static partial void RelayRefused(ILogger logger, string reason);

    [LoggerMessage(3008, LogLevel.Information, "Time is up: the allocations that are left end now")]
    public static partial void DrainEnded(ILogger logger);
}
