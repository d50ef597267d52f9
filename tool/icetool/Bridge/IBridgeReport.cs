using System.Net;
using Ice;
using Ice.Core;

namespace IceTool.Bridge;

/// <summary>Tells what happens. Called from several threads.</summary>
internal interface IBridgeReport
{
    /// <summary>The bridge is open.</summary>
    void Open(IPEndPoint local, IPEndPoint? application);

    /// <summary>Our line, to be copied.</summary>
    void Line(bool offer, string line);

    /// <summary>Our line was written to a file.</summary>
    void Written(string path);

    /// <summary>Nothing goes on before that comes.</summary>
    void Wait(string what);

    /// <summary>Something was not understood; it goes on.</summary>
    void Problem(string message);

    /// <summary>An event of the agent.</summary>
    void Take(EventArgs args);

    /// <summary>The first pair works.</summary>
    void Connected(CandidatePairInfo pair);

    /// <summary>The application was found.</summary>
    void Application(IPEndPoint endPoint);

    /// <summary>It is over: what was forwarded.</summary>
    void End(IceUdpBridgeStats stats);
}
