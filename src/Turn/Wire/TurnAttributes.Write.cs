using System.Text;
using Stun;

namespace Turn;

/// <content>Writing. The limits and exceptions are those of <see cref="StunWriter"/>.</content>
public static partial class TurnAttributes
{
    /// <summary>Adds LIFETIME, rounded down to whole seconds.</summary>
    public static void AddLifetime(this ref StunWriter writer, TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, TimeSpan.FromSeconds(uint.MaxValue));
        writer.AddUInt32(StunAttributeType.Lifetime, (uint)(lifetime.Ticks / TimeSpan.TicksPerSecond));
    }

    /// <summary>Adds REQUESTED-TRANSPORT.</summary>
    public static void AddRequestedTransport(this ref StunWriter writer, TurnTransport transport) =>
        writer.AddUInt32(StunAttributeType.RequestedTransport, (uint)transport << 24);

    /// <summary>Adds REQUESTED-ADDRESS-FAMILY.</summary>
    public static void AddRequestedAddressFamily(this ref StunWriter writer, TurnAddressFamily family) =>
        writer.AddUInt32(StunAttributeType.RequestedAddressFamily, (uint)family << 24);

    /// <summary>Adds ADDITIONAL-ADDRESS-FAMILY.</summary>
    public static void AddAdditionalAddressFamily(this ref StunWriter writer, TurnAddressFamily family) =>
        writer.AddUInt32(StunAttributeType.AdditionalAddressFamily, (uint)family << 24);

    /// <summary>Adds EVEN-PORT.</summary>
    public static void AddEvenPort(this ref StunWriter writer, bool reserveNext)
    {
        ReadOnlySpan<byte> value = [reserveNext ? ReserveNextPort : (byte)0];
        writer.Add(StunAttributeType.EvenPort, value);
    }

    /// <summary>Adds RESERVATION-TOKEN.</summary>
    public static void AddReservationToken(this ref StunWriter writer, ulong token) => writer.AddUInt64(StunAttributeType.ReservationToken, token);

    /// <summary>Adds CHANNEL-NUMBER.</summary>
    public static void AddChannelNumber(this ref StunWriter writer, ushort number) => writer.AddUInt32(StunAttributeType.ChannelNumber, (uint)number << 16);

    /// <summary>Adds XOR-PEER-ADDRESS.</summary>
    public static void AddPeer(this ref StunWriter writer, TransportAddress peer) => writer.AddXorAddress(StunAttributeType.XorPeerAddress, peer);

    /// <summary>Adds XOR-RELAYED-ADDRESS.</summary>
    public static void AddRelayed(this ref StunWriter writer, TransportAddress relayed) => writer.AddXorAddress(StunAttributeType.XorRelayedAddress, relayed);

    /// <summary>Adds ICMP.</summary>
    public static void AddIcmp(this ref StunWriter writer, TurnIcmp icmp) =>
        writer.AddUInt64(StunAttributeType.Icmp, ((ulong)icmp.Type << 40) | ((ulong)icmp.Code << 32) | icmp.Data);

    /// <summary>Adds ADDRESS-ERROR-CODE with the reason phrase that the registry recommends.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="family">The family that was not allocated.</param>
    /// <param name="code">440 or 508.</param>
    public static void AddAddressErrorCode(this ref StunWriter writer, TurnAddressFamily family, int code)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, StunErrorCode.Min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, StunErrorCode.Max);
        string reason = StunErrorCode.DefaultReason(code);
        Span<byte> value = stackalloc byte[AddressErrorHeaderLength + 127];
        value[0] = (byte)family;
        value[1] = 0;
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        int length = Encoding.UTF8.GetBytes(reason, value[AddressErrorHeaderLength..]);
        writer.Add(StunAttributeType.AddressErrorCode, value[..(AddressErrorHeaderLength + length)]);
    }

    /// <summary>Adds CONNECTION-ID.</summary>
    public static void AddConnectionId(this ref StunWriter writer, uint connectionId) => writer.AddUInt32(StunAttributeType.ConnectionId, connectionId);

    /// <summary>Adds MOBILITY-TICKET; empty asks for a ticket.</summary>
    public static void AddMobilityTicket(this ref StunWriter writer, scoped ReadOnlySpan<byte> ticket) => writer.Add(StunAttributeType.MobilityTicket, ticket);

    /// <summary>Adds ACCESS-TOKEN.</summary>
    public static void AddAccessToken(this ref StunWriter writer, scoped ReadOnlySpan<byte> token) => writer.Add(StunAttributeType.AccessToken, token);

    /// <summary>Adds THIRD-PARTY-AUTHORIZATION.</summary>
    public static void AddThirdPartyAuthorization(this ref StunWriter writer, string serverName) =>
        writer.AddText(StunAttributeType.ThirdPartyAuthorization, serverName);
}
