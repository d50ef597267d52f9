using System.Security.Cryptography;
using System.Text;

namespace Stun;

/// <summary>A username and a password that a server's administrator gave out (RFC 8489 §9.2), as a TURN client has them.</summary>
/// <remarks>Immutable and thread-safe. <see cref="ToString"/> does not reveal the password.</remarks>
public sealed class LongTermCredential
{
    /// <summary>The length of a USERHASH in bytes.</summary>
    public const int UserHashLength = 32;

    private readonly string _password;

    /// <summary>Makes a credential.</summary>
    /// <exception cref="ArgumentException">One of them is empty, too long, or holds what OpaqueString refuses.</exception>
    public LongTermCredential(string username, string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        Username = OpaqueString.Enforce(username);
        _ = StunText.Check(StunAttributeType.Username, Username);
        _password = OpaqueString.Enforce(password.TrimEnd('\0'));
    }

    /// <summary>The username as it travels in USERNAME.</summary>
    public string Username { get; }

    /// <summary>The HMAC key of a username, a realm and a password (RFC 8489 §9.2.2, §18.5.1).</summary>
    public static StunKey DeriveKey(string username, string realm, string password, PasswordAlgorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(password);
        return DeriveKeyOf(OpaqueString.Enforce(username), realm, OpaqueString.Enforce(password.TrimEnd('\0')), algorithm);
    }

    /// <summary>Writes the USERHASH of a username in a realm (RFC 8489 §14.4).</summary>
    /// <param name="username">The username.</param>
    /// <param name="realm">The realm.</param>
    /// <param name="destination">At least 32 bytes.</param>
    public static void WriteUserHash(string username, string realm, Span<byte> destination)
    {
        if (destination.Length < UserHashLength)
            throw new ArgumentException($"The destination needs {UserHashLength} bytes.", nameof(destination));
        // RFC 8489 §14.4: "userhash = SHA-256(OpaqueString(username) ":" OpaqueString(realm))"
        _ = SHA256.HashData(Encoding.UTF8.GetBytes($"{OpaqueString.Enforce(username)}:{OpaqueString.Enforce(realm)}"), destination);
    }

    /// <summary>The HMAC key of this credential in a realm.</summary>
    public StunKey DeriveKey(string realm, PasswordAlgorithm algorithm) => DeriveKeyOf(Username, realm, _password, algorithm);

    /// <summary>The username alone.</summary>
    public override string ToString() => $"LongTermCredential({Username})";

    private static StunKey DeriveKeyOf(string username, string realm, string password, PasswordAlgorithm algorithm)
    {
        // RFC 8489 §9.2.2: "(1) the username, with any quotes and trailing nulls removed, as taken from the USERNAME attribute (in which
        // case OpaqueString has already been applied); (2) a single colon; (3) the realm, with any quotes and trailing nulls removed and
        // after processing using OpaqueString; (4) a single colon; and (5) the password, with any trailing nulls removed and after
        // processing using OpaqueString."
        ArgumentNullException.ThrowIfNull(realm);
        string plainRealm = OpaqueString.Enforce(realm.TrimEnd('\0')).Trim('"');
        byte[] text = Encoding.UTF8.GetBytes($"{username.Trim('"')}:{plainRealm}:{password}");
        try
        {
            return algorithm switch
            {
#pragma warning disable CA5351 // RFC 8489 §18.5.1.1: MD5 is the protocol's for legacy servers, which are most TURN servers
                PasswordAlgorithm.Md5 => new StunKey(MD5.HashData(text)),
#pragma warning restore CA5351
                PasswordAlgorithm.Sha256 => new StunKey(SHA256.HashData(text)),
                _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "The algorithms are Md5 and Sha256."),
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }
}
