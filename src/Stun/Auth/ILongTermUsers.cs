namespace Stun;

/// <summary>The users of a server with long-term credentials.</summary>
public interface ILongTermUsers
{
    /// <summary>Finds the key of a user by name.</summary>
    /// <param name="usernameUtf8">USERNAME as it came: not trusted, possibly not well-formed.</param>
    /// <param name="algorithm">How the key comes from the password.</param>
    /// <param name="user">The user, in whatever form the caller wants it back.</param>
    /// <returns>Null when there is no such user, or no key for the algorithm.</returns>
    StunKey? FindByName(ReadOnlySpan<byte> usernameUtf8, PasswordAlgorithm algorithm, out string user);

    /// <summary>Finds the key of a user by USERHASH. Servers without username anonymity return null.</summary>
    /// <param name="userHash">32 bytes as they came.</param>
    /// <param name="algorithm">How the key comes from the password.</param>
    /// <param name="user">The user, in whatever form the caller wants it back.</param>
    StunKey? FindByHash(ReadOnlySpan<byte> userHash, PasswordAlgorithm algorithm, out string user);
}
