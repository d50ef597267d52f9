using System.Net.Sockets;
using System.Security.Authentication;
using Turn;

namespace IceTool.Turn;

/// <summary>Says in a sentence why a TURN server could not be used.</summary>
internal static class TurnTrouble
{
    /// <summary>Whether an exception is one of those that sockets and TLS throw for what happens on the network.</summary>
    public static bool IsExpected(Exception exception) =>
        exception is SocketException or IOException or AuthenticationException or ObjectDisposedException or OperationCanceledException
        && exception is not TurnSessionException;

    /// <summary>Makes the exception that says what happened.</summary>
    public static Exception Explain(Exception exception, TurnEndpoint endpoint)
    {
        SocketException? socket = exception as SocketException ?? exception.InnerException as SocketException;
        return exception switch
        {
            TurnSessionException or OperationCanceledException => exception,
            AuthenticationException => new TurnSessionException(
                $"TLS with {endpoint.Address} failed: {exception.Message.TrimEnd('.')}. Is the certificate for '{endpoint.Name}', and signed by an authority that is trusted here?", 0, exception),
            _ when socket?.SocketErrorCode == SocketError.ConnectionRefused => new TurnSessionException($"Nothing listens at {endpoint}.", 0, exception),
            _ when socket is not null => new TurnSessionException($"{endpoint} cannot be reached: {socket.Message}.", 0, exception),
            _ => new TurnSessionException($"The connection to {endpoint} failed: {exception.Message}", 0, exception),
        };
    }

    /// <summary>Turns an event that tells of a failure into an exception.</summary>
    public static void ThrowIfFailure(TurnClientEvent value)
    {
        TurnSessionException? failure = value switch
        {
            TurnClientEvent.AllocationFailed e => new TurnSessionException(e.Explanation, e.Code),
            TurnClientEvent.Lost e => new TurnSessionException($"The allocation was lost. {e.Explanation}", e.Code),
            TurnClientEvent.Redirected e => new TurnSessionException($"The server sends its clients on to {e.Server}{(e.Domain is null ? "" : $" ({e.Domain})")}: ask that one.", 300),
            TurnClientEvent.TupleInUse => new TurnSessionException("The server has an allocation of the same client address already: wait until it expires.", 437),
            TurnClientEvent.AccessTokenNeeded e => new TurnSessionException($"The server wants an access token of '{e.ServerName}' (RFC 7635), not a password.", 401),
            TurnClientEvent.PermissionFailed e => Refused($"a permission for {e.Peer}", e.Failure, e.Code),
            TurnClientEvent.ChannelFailed e => Refused($"a channel to {e.Peer}", e.Failure, e.Code),
            TurnClientEvent.PeerConnectFailed e => Refused($"a connection to {e.Peer}", e.Failure, e.Code),
            _ => null,
        };
        if (failure is not null)
            throw failure;
    }

    private static TurnSessionException Refused(string what, TurnFailure failure, int code) =>
        new($"The server did not give {what}: {(code == 0 ? failure.ToString() : $"{code}")}.", code);
}
