using System.Text;
using System.Text.Unicode;
using Stun;

namespace Turn;

/// <summary>Who may use a server: users with a password, and time-limited users of a shared secret (draft-uberti-behave-turn-rest §2.2).</summary>
/// <remarks>Of passwords only the keys are kept. Not thread-safe: it belongs to one server.</remarks>
public sealed class TurnUsers : ILongTermUsers
{
    private readonly Dictionary<string, UserKeys> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _byHash = new(StringComparer.Ordinal);
    private readonly byte[] _restSecret;
    private bool _refuseExpired;
    private DateTimeOffset _time;

    /// <summary>Makes the list of users.</summary>
    /// <param name="realm">The realm that the server gives.</param>
    /// <param name="passwords">Names and passwords.</param>
    /// <param name="restSecret">The secret shared with the web service that gives out time-limited credentials; empty takes none.</param>
    public TurnUsers(string realm, IEnumerable<KeyValuePair<string, string>> passwords, ReadOnlySpan<byte> restSecret)
    {
        ArgumentNullException.ThrowIfNull(passwords);
        Realm = OpaqueString.Enforce(realm);
        _restSecret = restSecret.ToArray();
        Span<byte> hash = stackalloc byte[LongTermCredential.UserHashLength];
        foreach ((string name, string password) in passwords)
        {
            var credential = new LongTermCredential(name, password);
            // RFC 8656 §6: "the server MUST NOT store the password explicitly and MUST store the key value"
            if (!_byName.TryAdd(credential.Username, new(credential.DeriveKey(Realm, PasswordAlgorithm.Md5), credential.DeriveKey(Realm, PasswordAlgorithm.Sha256))))
                throw new ArgumentException($"The user {credential.Username} is there twice: give each user one password.", nameof(passwords));
            LongTermCredential.WriteUserHash(credential.Username, Realm, hash);
            _byHash.Add(Convert.ToHexString(hash), credential.Username);
        }
    }

    /// <summary>The realm.</summary>
    public string Realm { get; }

    /// <inheritdoc/>
    public StunKey? FindByName(ReadOnlySpan<byte> usernameUtf8, PasswordAlgorithm algorithm, out string user)
    {
        user = "";
        if (usernameUtf8.IsEmpty || usernameUtf8.Length > StunText.MaxUsernameBytes || !Utf8.IsValid(usernameUtf8))
            return null;
        Span<char> characters = stackalloc char[usernameUtf8.Length];
        characters = characters[..Encoding.UTF8.GetChars(usernameUtf8, characters)];
        if (_byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(characters, out string? name, out UserKeys? keys))
        {
            user = name;
            return keys.Of(algorithm);
        }

        return _restSecret.Length > 0 ? DeriveRest(characters.ToString(), algorithm, out user) : null;
    }

    /// <inheritdoc/>
    public StunKey? FindByHash(ReadOnlySpan<byte> userHash, PasswordAlgorithm algorithm, out string user)
    {
        user = "";
        Span<char> hex = stackalloc char[2 * LongTermCredential.UserHashLength];
        if (userHash.Length != LongTermCredential.UserHashLength || !Convert.TryToHexString(userHash, hex, out _)
            || !_byHash.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(hex, out string? name))
            return null;
        user = name;
        return _byName[name].Of(algorithm);
    }

    /// <summary>Says what time it is before a request is checked.</summary>
    /// <param name="time">The time of day.</param>
    /// <param name="refuseExpired">Whether expired credentials are refused: for what makes something new.</param>
    internal void BeginCheck(DateTimeOffset time, bool refuseExpired)
    {
        _time = time;
        _refuseExpired = refuseExpired;
    }

    private StunKey? DeriveRest(string name, PasswordAlgorithm algorithm, out string user)
    {
        user = name;
        // draft-uberti-behave-turn-rest-00 §4.2: "the TURN server MUST split the USERNAME attribute into its timestamp and user id
        // components, and verify that the timestamp, which indicates when the credentials expire, has not yet been reached."
        if (!RestCredential.TryGetExpiry(name, out DateTimeOffset expiry) || (_refuseExpired && _time >= expiry))
            return null;
        return OpaqueString.TryEnforce(name, out string enforced) && enforced == name
            ? LongTermCredential.DeriveKey(name, Realm, RestCredential.ComputePassword(_restSecret, name), algorithm)
            : null;
    }

    private sealed record UserKeys(StunKey Md5, StunKey Sha256)
    {
        public StunKey? Of(PasswordAlgorithm algorithm) => algorithm switch
        {
            PasswordAlgorithm.Md5 => Md5,
            PasswordAlgorithm.Sha256 => Sha256,
            _ => null,
        };
    }
}
