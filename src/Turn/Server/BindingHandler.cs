using Stun;

namespace Turn;

/// <summary>Binding requests (RFC 8489 §6.3.1), with what NAT behavior discovery asks for (RFC 5780 §6). Without state: a retransmission is answered again.</summary>
internal sealed class BindingHandler(ServerContext context)
{
    private const uint ChangeAddress = 4;
    private const uint ChangePort = 2;

    // An MTU of the interface (RFC 5780 §7.6): Ethernet's, a multiple of four as it is.
    private const int MaxPadding = 1500;

    private static readonly byte[] s_padding = new byte[MaxPadding];

    public void Handle(scoped in StunMessage message, in RequestContext request)
    {
        FiveTuple path = request.Path;
        bool hasPort = TryGetResponsePort(message, out int responsePort);
        // RFC 5780 §6.1: "If the Request also contains the RESPONSE-PORT attribute the server MUST return an error response of type 400."
        if (message.Has(StunAttributeType.ResponsePort) && (!hasPort || message.Has(StunAttributeType.Padding) || path.IsStream))
        {
            context.Replies.Refuse(request, StunErrorCode.BadRequest);
            return;
        }

        BehaviorAddresses? behavior = BehaviorOf(path);
        uint change = 0;
        // RFC 5780 §6.1: "If the Request contains the CHANGE-REQUEST attribute and the server does not have an alternate address and port as
        // described above, the server MUST generate an error response of type 420."
        if (message.Has(StunAttributeType.ChangeRequest) && (behavior is null || !message.TryGetUInt32(StunAttributeType.ChangeRequest, out change)))
        {
            RefuseChange(request, behavior is null);
            return;
        }

        TransportAddress origin = behavior is null ? path.Server : behavior.Change(path.Server, (change & ChangeAddress) != 0, (change & ChangePort) != 0);
        FiveTuple back = path with { Server = origin, Client = hasPort ? path.Client.WithPort(responsePort) : path.Client };
        Answer(message, request with { Path = back }, path, behavior);
    }

    // RFC 5780 §7.5: "RESPONSE-PORT is a 16-bit unsigned integer in network byte order followed by 2 bytes of padding."
    private static bool TryGetResponsePort(scoped in StunMessage message, out int port)
    {
        port = 0;
        if (!message.TryGet(StunAttributeType.ResponsePort, out ReadOnlySpan<byte> value) || value.Length is not (2 or 4))
            return false;
        port = (value[0] << 8) | value[1];
        return port != 0;
    }

    private BehaviorAddresses? BehaviorOf(in FiveTuple path)
    {
        BehaviorAddresses? known = context.Options.Behavior;
        return !path.IsStream && known?.Contains(path.Server) == true ? known : null;
    }

    private void RefuseChange(in RequestContext request, bool unknown)
    {
        if (!unknown)
        {
            context.Replies.Refuse(request, StunErrorCode.BadRequest);
            return;
        }

        ReadOnlySpan<ushort> types = [(ushort)StunAttributeType.ChangeRequest];
        context.Replies.RefuseUnknown(request, types);
    }

    private void Answer(scoped in StunMessage message, in RequestContext request, in FiveTuple path, BehaviorAddresses? behavior)
    {
        byte[] buffer = context.Replies.Rent();
        var writer = new StunWriter(buffer, request.Method, StunClass.SuccessResponse, request.Id);
        // RFC 8489 §6.3.1.1: "the server adds an XOR-MAPPED-ADDRESS attribute to the response; this attribute contains the source transport
        // address of the request message"
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, path.Client.WithoutScope());
        if (behavior is not null)
        {
            // RFC 5780 §6.1: "The server MUST include both MAPPED-ADDRESS and XOR-MAPPED-ADDRESS in its Response."
            writer.AddAddress(StunAttributeType.MappedAddress, path.Client.WithoutScope());
            // RFC 5780 §6.1: "The server MUST add a RESPONSE-ORIGIN attribute to the Binding Response, containing the source address and port
            // used to send the Binding Response."
            writer.AddAddress(StunAttributeType.ResponseOrigin, request.Path.Server.WithoutScope());
            // RFC 5780 §6.1: "If the server supports an alternate address and port, the server MUST add an OTHER-ADDRESS attribute to the
            // Binding Response."
            writer.AddAddress(StunAttributeType.OtherAddress, behavior.Change(path.Server, address: true, port: true).WithoutScope());
        }

        if (context.Replies.Software.Length > 0)
            writer.Add(StunAttributeType.Software, context.Replies.Software);
        // RFC 5780 §6.1: "If the Request contained a PADDING attribute, PADDING MUST be included in the Binding Response." Never more than came:
        // a small request from a forged address may not bring its owner a large answer.
        if (message.TryGet(StunAttributeType.Padding, out ReadOnlySpan<byte> padding))
            writer.Add(StunAttributeType.Padding, s_padding.AsSpan(0, Math.Min(padding.Length, MaxPadding)));
        context.Counters.Success();
        context.Replies.Finish(ref writer, buffer, request);
    }
}
