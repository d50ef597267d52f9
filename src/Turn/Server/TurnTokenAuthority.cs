using System.Text;
using System.Text.Unicode;
using Stun;

namespace Turn;

/// <summary>The keys under which authorization servers make access tokens for a TURN server (RFC 7635). Immutable and thread-safe.</summary>
public sealed class TurnTokenAuthority
{
    private readonly Dictionary<string, OAuthTokenCodec> _codecs = new(StringComparer.Ordinal);

    /// <summary>Takes the keys.</summary>
    /// <param name="serverName">The server's name, which clients tell the authorization server.</param>
    /// <param name="keys">The key ids (kid) and their keys of 32 bytes.</param>
    public TurnTokenAuthority(string serverName, IEnumerable<KeyValuePair<string, byte[]>> keys)
    {
        ArgumentException.ThrowIfNullOrEmpty(serverName);
        ArgumentNullException.ThrowIfNull(keys);
        ServerName = serverName;
        foreach ((string id, byte[] key) in keys)
            _codecs.Add(id, new OAuthTokenCodec(key, serverName));
        if (_codecs.Count == 0)
            throw new ArgumentException("Third-party authorization needs a key that an authorization server shares.", nameof(keys));
    }

    /// <summary>The name that THIRD-PARTY-AUTHORIZATION carries.</summary>
    public string ServerName { get; }

    internal bool TryOpen(ReadOnlySpan<byte> keyIdUtf8, ReadOnlySpan<byte> token, out string keyId, out OAuthTokenContent? content)
    {
        keyId = "";
        content = null;
        if (keyIdUtf8.Length > StunText.MaxUsernameBytes || !Utf8.IsValid(keyIdUtf8))
            return false;
        Span<char> characters = stackalloc char[keyIdUtf8.Length];
        characters = characters[..Encoding.UTF8.GetChars(keyIdUtf8, characters)];
        // RFC 7635 §7: "The STUN server selects the keying material based on kid signaled in the USERNAME attribute."
        return _codecs.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(characters, out keyId!, out OAuthTokenCodec? codec) && codec.TryDecode(token, out content);
    }
}
