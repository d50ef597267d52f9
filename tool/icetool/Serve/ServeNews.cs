using System.Text.Json.Nodes;
using IceTool.Agents;
using Stun;
using Turn;

namespace IceTool.Serve;

/// <summary>What happens at the server, as one line each: text for people, JSON for programs.</summary>
internal sealed class ServeNews(TextWriter output, bool json, TimeProvider time)
{
    private readonly JsonLines _lines = new(output);

    public void Listening(string transport, System.Net.IPEndPoint endPoint)
    {
        if (json)
            _lines.Write(new JsonObject { ["ev"] = "listening", ["transport"] = transport, ["address"] = endPoint.ToString() });
        else
            output.WriteLine($"listening on {transport} {endPoint}");
    }

    public void Say(string text)
    {
        if (json)
            _lines.Write(new JsonObject { ["ev"] = "note", ["text"] = text });
        else
            output.WriteLine(text);
    }

    public void Tell(TurnServerEvent news)
    {
        if (json)
            _lines.Write(ToJson(news));
        else
            output.WriteLine($"{time.GetLocalNow():HH:mm:ss.fff} {ToText(news)}");
    }

    private static string ToText(TurnServerEvent news) => news switch
    {
        TurnServerEvent.AllocationCreated e => $"{Who(e.User)} at {e.Client} allocated {Both(e.Relayed, e.AlsoRelayed)} ({Name(e.Transport)}) for {e.Lifetime.TotalSeconds:0} s",
        TurnServerEvent.AllocationRefreshed e => $"{Who(e.User)} at {e.Client} refreshed for {e.Lifetime.TotalSeconds:0} s",
        TurnServerEvent.AllocationMoved e => $"{Who(e.User)} moved from {e.From} to {e.To}",
        TurnServerEvent.AllocationEnded e => $"{Who(e.User)} at {e.Client} gave up {e.Relayed}: {Why(e.Reason)}",
        TurnServerEvent.PermissionCreated e => $"{Who(e.User)} at {e.Client} permitted {e.Peer.ToIPAddress()}",
        TurnServerEvent.ChannelBound e => $"{Who(e.User)} at {e.Client} bound channel 0x{e.Channel:X4} to {e.Peer}",
        TurnServerEvent.RequestRefused e => $"{Who(e.User)} at {e.Client} was refused {e.Method}: {e.Code} {StunErrorCode.DefaultReason(e.Code)}",
        _ => news.ToString(),
    };

    private static JsonObject ToJson(TurnServerEvent news) => news switch
    {
        TurnServerEvent.AllocationCreated e => Line("allocated", e.User, e.Client, ("relayed", e.Relayed.ToString()), ("alsoRelayed", e.AlsoRelayed.IsNone ? null : e.AlsoRelayed.ToString()),
            ("transport", Name(e.Transport)), ("lifetime", e.Lifetime.TotalSeconds)),
        TurnServerEvent.AllocationRefreshed e => Line("refreshed", e.User, e.Client, ("lifetime", e.Lifetime.TotalSeconds)),
        TurnServerEvent.AllocationMoved e => Line("moved", e.User, e.To, ("from", e.From.Client.ToString())),
        TurnServerEvent.AllocationEnded e => Line("ended", e.User, e.Client, ("relayed", e.Relayed.ToString()), ("reason", e.Reason.ToString())),
        TurnServerEvent.PermissionCreated e => Line("permitted", e.User, e.Client, ("peer", e.Peer.ToIPAddress().ToString())),
        TurnServerEvent.ChannelBound e => Line("bound", e.User, e.Client, ("peer", e.Peer.ToString()), ("channel", (int)e.Channel)),
        TurnServerEvent.RequestRefused e => Line("refused", e.User, e.Client, ("method", e.Method.ToString()), ("code", e.Code)),
        _ => new JsonObject { ["ev"] = "note", ["text"] = news.ToString() },
    };

    private static JsonObject Line(string name, string user, FiveTuple client, params ReadOnlySpan<(string Name, JsonNode? Value)> more)
    {
        var line = new JsonObject { ["ev"] = name, ["user"] = user, ["client"] = client.Client.ToString(), ["over"] = client.IsStream ? "tcp" : "udp" };
        foreach ((string key, JsonNode? value) in more)
        {
            if (value is not null)
                line[key] = value;
        }

        return line;
    }

    private static string Who(string user) => user.Length == 0 ? "anybody" : user;

    private static string Name(TurnTransport transport) => transport == TurnTransport.Tcp ? "TCP" : "UDP";

    private static string Both(TransportAddress first, TransportAddress second) => second.IsNone ? first.ToString() : $"{first} and {second}";

    private static string Why(AllocationEnd reason) => reason switch
    {
        AllocationEnd.Deleted => "deleted",
        AllocationEnd.Expired => "not refreshed",
        AllocationEnd.StreamClosed => "its stream was closed",
        AllocationEnd.RelayLost => "the relay socket failed",
        _ => "the server stopped",
    };
}
