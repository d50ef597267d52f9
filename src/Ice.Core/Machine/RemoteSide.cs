using System.Text;
using Stun;

namespace Ice.Core;

/// <summary>The peer of one data stream: its parameters, and what checks towards it need of them.</summary>
internal sealed class RemoteSide(IceParameters parameters, string localUsernameFragment)
{
    public IceParameters Parameters { get; } = parameters;

    /// <summary>RFC 8445 §7.2.2: "The password is equal to the password provided by the peer."</summary>
    public StunKey Key { get; } = new(parameters.Password);

    /// <summary>The length of <see cref="WriteUsername"/> in bytes: all of its characters are ASCII.</summary>
    public int UsernameLength => Parameters.UsernameFragment.Length + 1 + localUsernameFragment.Length;

    /// <summary>RFC 8445 §10: the peer "will not use the aggressive nomination procedure defined in RFC 5245".</summary>
    public bool MayNominateAggressively => !Parameters.HasOption("ice2");

    /// <summary>
    /// RFC 8445 §7.2.2: "The username for the credential is formed by concatenating the username fragment provided by the peer with the
    /// username fragment of the ICE agent sending the request, separated by a colon (":")."
    /// </summary>
    public void WriteUsername(Span<byte> destination)
    {
        int length = Encoding.ASCII.GetBytes(Parameters.UsernameFragment, destination);
        destination[length] = (byte)':';
        _ = Encoding.ASCII.GetBytes(localUsernameFragment, destination[(length + 1)..]);
    }
}
