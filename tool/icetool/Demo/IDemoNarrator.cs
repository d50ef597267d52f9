using System.Net;

namespace IceTool.Demo;

/// <summary>Tells what happens in a demo. Called from several threads, in the order of what happens.</summary>
internal interface IDemoNarrator
{
    /// <summary>A chapter begins.</summary>
    void Chapter(string title, string explanation);

    /// <summary>The STUN server listens.</summary>
    void ServerStarted(IPEndPoint endPoint);

    /// <summary>An agent raised an event; <paramref name="session"/> numbers the browser's visit, 0 for the two agents of the demo itself.</summary>
    void Agent(string who, int session, EventArgs args);

    /// <summary>A datagram arrived.</summary>
    void Data(string from, string to, string text);

    /// <summary>Datagrams went there and back.</summary>
    void RoundTrips(string who, IReadOnlyList<TimeSpan> times);

    /// <summary>The agents' part is over: it worked, or did not and why.</summary>
    void Finished(string? failure, TimeSpan connectedAfter);

    /// <summary>The page is served.</summary>
    void PageServed(Uri url, int wantedPort);

    /// <summary>A browser opened a session, or it ended.</summary>
    void Session(int session, string role, string trickle, bool ended);

    /// <summary>What the browser itself reports of its side.</summary>
    void BrowserReports(int session, string state, string local, string remote);
}
