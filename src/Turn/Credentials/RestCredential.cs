using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Stun;

namespace Turn;

/// <summary>
/// A time-limited credential that a web service makes from a secret it shares with the TURN server (draft-uberti-behave-turn-rest §2.2). The
/// client uses it as any long-term credential.
/// </summary>
/// <remarks>Immutable and thread-safe. <see cref="ToString"/> does not reveal the password.</remarks>
public sealed class RestCredential
{
    private RestCredential(string username, string password, DateTimeOffset expiresAt)
    {
        Username = username;
        Password = password;
        ExpiresAt = expiresAt;
    }

    /// <summary>The expiry in seconds since 1970, then a colon and the user id if there is one.</summary>
    public string Username { get; }

    /// <summary>The password: base64 of the HMAC-SHA1 of the username under the shared secret. A secret: do not log it.</summary>
    public string Password { get; }

    /// <summary>When the credential ceases to be good for new allocations, in whole seconds.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Makes a credential, as the web service does.</summary>
    /// <param name="secret">The secret shared with the TURN server; of text, its UTF-8 bytes.</param>
    /// <param name="expiresAt">When it shall expire; the draft recommends one day from now.</param>
    /// <param name="userId">An id that helps to tell users apart; null for none. It may hold colons.</param>
    /// <exception cref="ArgumentException">The secret is empty, or the expiry lies before 1970.</exception>
    public static RestCredential Create(ReadOnlySpan<byte> secret, DateTimeOffset expiresAt, string? userId = null)
    {
        if (secret.IsEmpty)
            throw new ArgumentException("The secret is empty: give the one that the TURN server is configured with.", nameof(secret));
        long seconds = expiresAt.ToUnixTimeSeconds();
        if (seconds < 0)
            throw new ArgumentException("The expiry lies before 1970.", nameof(expiresAt));
        // draft-uberti-behave-turn-rest-00 §2.2: "username: the TURN username to use, which is a colon-delimited combination of the
        // expiration timestamp and the username parameter from the request (if specified)."
        string expiry = seconds.ToString(CultureInfo.InvariantCulture);
        string username = string.IsNullOrEmpty(userId) ? expiry : $"{expiry}:{userId}";
        return new RestCredential(username, ComputePassword(secret, username), DateTimeOffset.FromUnixTimeSeconds(seconds));
    }

    /// <summary>The password that belongs to a username, as the TURN server computes it.</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="username">The username as it came.</param>
    public static string ComputePassword(ReadOnlySpan<byte> secret, string username)
    {
        ArgumentNullException.ThrowIfNull(username);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        // draft-uberti-behave-turn-rest-00 §2.2: "this value is computed from the a secret key shared with the TURN server and the returned
        // username value, by performing base64(hmac(secret key, returned username))."
#pragma warning disable CA5350 // HMAC-SHA1 is what the draft names and what servers compute
        _ = HMACSHA1.HashData(secret, Encoding.UTF8.GetBytes(username), hash);
#pragma warning restore CA5350
        return Convert.ToBase64String(hash);
    }

    /// <summary>Reads from a username when it expires, as the TURN server does before it computes the password.</summary>
    /// <returns>False when the username does not begin with seconds since 1970 that are followed by a colon or by nothing.</returns>
    public static bool TryGetExpiry(string username, out DateTimeOffset expiresAt)
    {
        ArgumentNullException.ThrowIfNull(username);
        expiresAt = default;
        int colon = username.IndexOf(':', StringComparison.Ordinal);
        ReadOnlySpan<char> expiry = colon < 0 ? username : username.AsSpan(0, colon);
        if (!long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return false;
        expiresAt = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return true;
    }

    /// <summary>The credential for a TURN client.</summary>
    public LongTermCredential ToLongTermCredential() => new(Username, Password);

    /// <summary>The username and the expiry.</summary>
    public override string ToString() => $"RestCredential({Username}, until {ExpiresAt:O})";
}
