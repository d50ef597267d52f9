using Stun;

namespace Turn.Tests.Client;

/// <summary>A TURN server for tests: it answers as told, and otherwise with success after a proper authentication.</summary>
internal sealed class ScriptedServer
{
    public const string Username = "user";
    public const string Password = "pass";
    public const string Realm = "lab.test";

    public static readonly TransportAddress Address = TransportAddress.Parse("203.0.113.10", 3478);
    public static readonly TransportAddress Relayed4 = TransportAddress.Parse("203.0.113.10", 50000);
    public static readonly TransportAddress Relayed6 = TransportAddress.Parse("2001:db8:0:1::10", 50002);
    public static readonly TransportAddress Mapped = TransportAddress.Parse("198.51.100.7", 40000);

    private readonly Dictionary<StunMethod, Queue<Func<SentRequest, byte[]?>>> _script = [];

    /// <summary>Whether requests have to be signed.</summary>
    public bool Authenticates { get; set; } = true;

    /// <summary>The features of RFC 8489; none for a server of RFC 5389.</summary>
    public StunSecurityFeatures Features { get; set; }

    public string Nonce { get; set; } = "0123456789abcdef";

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromSeconds(600);

    public TransportAddress[] Relayed { get; set; } = [Relayed4];

    public byte[]? Ticket { get; set; }

    public uint ConnectionId { get; set; } = 77;

    /// <summary>The key of an access token; requests are then signed with it.</summary>
    public StunKey? TokenKey { get; set; }

    /// <summary>What THIRD-PARTY-AUTHORIZATION says in a challenge; null sends none.</summary>
    public string? ThirdPartyName { get; set; }

    private string NonceText => Features == StunSecurityFeatures.None ? Nonce : Cookie() + Nonce;

    private bool UsesSha256 => Features.HasFlag(StunSecurityFeatures.PasswordAlgorithms);

    private StunKey Key => TokenKey ?? LongTermCredential.DeriveKey(Username, Realm, Password, UsesSha256 ? PasswordAlgorithm.Sha256 : PasswordAlgorithm.Md5);

    /// <summary>Has the next request of a method answered otherwise; null drops it.</summary>
    public void Next(StunMethod method, Func<SentRequest, byte[]?> answer)
    {
        if (!_script.TryGetValue(method, out Queue<Func<SentRequest, byte[]?>>? queue))
            _script.Add(method, queue = new Queue<Func<SentRequest, byte[]?>>());
        queue.Enqueue(answer);
    }

    public void Drop(StunMethod method, int times)
    {
        for (int i = 0; i < times; i++)
            Next(method, static _ => null);
    }

    public byte[]? Answer(SentRequest request)
    {
        if (Authenticates && !IsAuthentic(request))
            return Challenge(request, StunErrorCode.Unauthenticated);
        if (_script.TryGetValue(request.Method, out Queue<Func<SentRequest, byte[]?>>? queue) && queue.TryDequeue(out Func<SentRequest, byte[]?>? answer))
            return answer(request);
        if (Authenticates && request.Nonce != NonceText)
            return Challenge(request, StunErrorCode.StaleNonce);
        return Success(request);
    }

    /// <summary>401 or 438: without MESSAGE-INTEGRITY, and with a reason phrase that is padded with NULs, as a common server does it.</summary>
    public byte[] Challenge(SentRequest request, int code, Action<WriterBox>? more = null)
    {
        var box = new WriterBox(request, StunClass.ErrorResponse);
        byte[] error = [0, 0, (byte)(code / 100), (byte)(code % 100), .. "Stale nonce\0"u8];
        box.Add(StunAttributeType.ErrorCode, error);
        box.AddText(StunAttributeType.Nonce, NonceText);
        box.AddText(StunAttributeType.Realm, Realm);
        if (UsesSha256)
            box.Add(StunAttributeType.PasswordAlgorithms, [0, 1, 0, 0, 0, 2, 0, 0]);
        if (ThirdPartyName is not null)
            box.AddText(StunAttributeType.ThirdPartyAuthorization, ThirdPartyName);
        more?.Invoke(box);
        return box.ToArray();
    }

    public byte[] Error(SentRequest request, int code, Action<WriterBox>? more = null, bool signed = true)
    {
        var box = new WriterBox(request, StunClass.ErrorResponse);
        byte[] error = [0, 0, (byte)(code / 100), (byte)(code % 100), .. "As scripted\0"u8];
        box.Add(StunAttributeType.ErrorCode, error);
        more?.Invoke(box);
        return Finish(box, signed);
    }

    public byte[] Success(SentRequest request, Action<WriterBox>? more = null, bool signed = true)
    {
        var box = new WriterBox(request, StunClass.SuccessResponse);
        switch (request.Method)
        {
            case StunMethod.Allocate:
                foreach (TransportAddress relayed in Relayed)
                    box.AddXor(StunAttributeType.XorRelayedAddress, relayed);
                box.AddXor(StunAttributeType.XorMappedAddress, Mapped);
                box.AddUInt32(StunAttributeType.Lifetime, (uint)Lifetime.TotalSeconds);
                break;
            case StunMethod.Refresh:
                box.AddUInt32(StunAttributeType.Lifetime, request.Lifetime == TimeSpan.Zero ? 0 : (uint)Lifetime.TotalSeconds);
                break;
            case StunMethod.Connect:
                box.AddUInt32(StunAttributeType.ConnectionId, ConnectionId);
                break;
        }

        if (Ticket is not null && request.Has(StunAttributeType.MobilityTicket))
            box.Add(StunAttributeType.MobilityTicket, Ticket);
        more?.Invoke(box);
        return Finish(box, signed);
    }

    public byte[] Finish(WriterBox box, bool signed = true) => !signed || !Authenticates ? box.ToArray() : box.Sign(Key, UsesSha256);

    public static byte[] Data(TransportAddress peer, ReadOnlySpan<byte> data)
    {
        byte[] buffer = new byte[2048];
        var writer = new StunWriter(buffer, StunMethod.Data, StunClass.Indication, new TransactionId("data-no-0001"u8));
        writer.AddPeer(peer);
        writer.Add(StunAttributeType.Data, data);
        return writer.Written.ToArray();
    }

    private bool IsAuthentic(SentRequest request)
    {
        StunMessage message = request.Parse();
        return UsesSha256 && TokenKey is null ? message.VerifyMessageIntegritySha256(Key) : message.VerifyMessageIntegrity(Key);
    }

    private string Cookie()
    {
        Span<byte> cookie = stackalloc byte[NonceCookie.Length];
        NonceCookie.Write(Features, cookie);
        return System.Text.Encoding.ASCII.GetString(cookie);
    }
}
