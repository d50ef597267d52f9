using System.Text;

namespace Stun.Tests;

/// <summary>One user and counted nonces for <see cref="LongTermServer"/>, which is the other side in the client's tests too.</summary>
internal sealed class LongTermTestServer : ILongTermUsers, INonceIssuer
{
    public const string Realm = "example.org";
    public const string User = "user";
    public const string Password = "pass";

    private int _issued;

    public LongTermTestServer(bool anonymity = false, params PasswordAlgorithm[] algorithms)
    {
        Mechanism = new LongTermServer(Realm, this, this, algorithms is [] ? [PasswordAlgorithm.Sha256, PasswordAlgorithm.Md5] : algorithms, anonymity);
    }

    public LongTermServer Mechanism { get; }

    public Instant Now { get; set; }

    public TransportAddress Source { get; set; } = TransportAddress.Parse("198.51.100.7", 4000);

    public TimeSpan NonceLifetime { get; set; } = TimeSpan.FromMinutes(10);

    public int MaxLength { get; init; } = 64;

    /// <summary>What the server says to a request: a whole response.</summary>
    public byte[] Answer(byte[] bytes)
    {
        StunMessage request = Messages.Parse(bytes);
        LongTermResult result = Mechanism.Check(request, Source, Now);
        StunWriter writer = StunWriter.Respond(new byte[1024], request, result.IsAuthenticated ? StunClass.SuccessResponse : StunClass.ErrorResponse);
        if (result.IsAuthenticated)
            LongTermServer.Sign(ref writer, result);
        else
            Mechanism.WriteError(ref writer, result, Source, Now);
        return writer.Written.ToArray();
    }

    public StunKey? FindByName(ReadOnlySpan<byte> usernameUtf8, PasswordAlgorithm algorithm, out string user)
    {
        user = User;
        return usernameUtf8.SequenceEqual("user"u8) ? LongTermCredential.DeriveKey(User, Realm, Password, algorithm) : null;
    }

    public StunKey? FindByHash(ReadOnlySpan<byte> userHash, PasswordAlgorithm algorithm, out string user)
    {
        user = User;
        byte[] expected = new byte[32];
        LongTermCredential.WriteUserHash(User, Realm, expected);
        return userHash.SequenceEqual(expected) ? LongTermCredential.DeriveKey(User, Realm, Password, algorithm) : null;
    }

    public int Write(Span<byte> destination, TransportAddress source, Instant now) =>
        Encoding.UTF8.GetBytes($"{source}|{now.SinceOrigin.Ticks}|{_issued++}", destination);

    public bool IsValid(ReadOnlySpan<byte> nonce, TransportAddress source, Instant now)
    {
        string[] parts = Encoding.UTF8.GetString(nonce).Split('|');
        return parts.Length == 3 && parts[0] == source.ToString() && now - Instant.FromOrigin(TimeSpan.FromTicks(long.Parse(parts[1]))) <= NonceLifetime;
    }
}
