using System.Text;
using Stun;

namespace Ice.Core;

/// <summary>The peer of one data stream: its parameters, and what checks towards it need of them.</summary>
internal sealed class RemoteSide(IceParameters parameters, string localUsernameFragment)
{
    public IceParameters Parameters { get; } = parameters;

    /// <summary>The username fragment of the peer, as its checks end their USERNAME with.</summary>
    public byte[] UsernameFragment { get; } = Encoding.UTF8.GetBytes(parameters.UsernameFragment);

    /// <summary>RFC 8445 §7.2.2: "The password is equal to the password provided by the peer."</summary>
    public StunKey Key { get; } = new(Encoding.UTF8.GetBytes(parameters.Password));

    /// <summary>
    /// RFC 8445 §7.2.2: "The username for the credential is formed by concatenating the username fragment provided by the peer with the
    /// username fragment of the ICE agent sending the request, separated by a colon (":")."
    /// </summary>
    public string Username { get; } = parameters.UsernameFragment + ":" + localUsernameFragment;

    /// <summary>RFC 8445 §10: the peer "will not use the aggressive nomination procedure defined in RFC 5245".</summary>
    public bool MayNominateAggressively => !Parameters.HasOption("ice2");
}
