using Stun;

namespace Turn.Tests.Server;

/// <summary>Reads answers.</summary>
internal static class Reply
{
    public static StunMessage Read(byte[]? reply)
    {
        Assert.That(reply, Is.Not.Null, "There was no answer.");
        Assert.That(StunMessage.TryParse(reply, out StunMessage message, out StunParseError error), Is.True, error.ToString());
        return message;
    }

    /// <summary>The error code; 0 for success.</summary>
    public static int Code(byte[]? reply) => Read(reply).TryGetErrorCode(out int code, out _) ? code : 0;

    public static double Lifetime(byte[]? reply)
    {
        Assert.That(Read(reply).TryGetLifetime(out TimeSpan lifetime), Is.True, "There is no LIFETIME.");
        return lifetime.TotalSeconds;
    }

    public static TransportAddress Relayed(byte[]? reply)
    {
        Assert.That(Read(reply).TryGetRelayed(out TransportAddress ipv4, out TransportAddress ipv6), Is.True, "There is no XOR-RELAYED-ADDRESS.");
        return ipv4.IsNone ? ipv6 : ipv4;
    }

    public static byte[] Ticket(byte[]? reply)
    {
        Assert.That(Read(reply).TryGetMobilityTicket(out ReadOnlySpan<byte> ticket), Is.True, "There is no MOBILITY-TICKET.");
        return ticket.ToArray();
    }

    public static ulong Token(byte[]? reply)
    {
        Assert.That(Read(reply).TryGetReservationToken(out ulong token), Is.True, "There is no RESERVATION-TOKEN.");
        return token;
    }

    public static uint ConnectionId(byte[]? reply)
    {
        Assert.That(Read(reply).TryGetConnectionId(out uint id), Is.True, "There is no CONNECTION-ID.");
        return id;
    }
}
