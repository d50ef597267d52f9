using System.Text.Json.Nodes;

namespace PeersInterop;

/// <summary>How the two sides of a call begin.</summary>
internal sealed record CallPlan
{
    public string OurHost { get; init; } = Hosts.A;

    public string TheirHost { get; init; } = Hosts.B;

    /// <summary>Whether ours makes the offer; the offerer is controlling.</summary>
    public bool WeOffer { get; init; } = true;

    /// <summary>Our role, where it is not the one that goes with the offer or the answer.</summary>
    public string? OurRole { get; init; }

    /// <summary>Their role, likewise.</summary>
    public string? TheirRole { get; init; }

    public bool OffererTrickles { get; init; }

    public bool AnswererTrickles { get; init; }

    /// <summary>What else our configuration has.</summary>
    public JsonObject Ours { get; init; } = [];

    /// <summary>What else theirs has.</summary>
    public JsonObject Theirs { get; init; } = [];

    public JsonObject OurConfig => Configure(Ours, OurRole ?? (WeOffer ? "controlling" : "controlled"));

    public JsonObject TheirConfig => Configure(Theirs, TheirRole ?? (WeOffer ? "controlled" : "controlling"));

    private JsonObject Configure(JsonObject extra, string role)
    {
        var config = (JsonObject)extra.DeepClone();
        config["role"] = role;
        config["trickle"] = OffererTrickles || AnswererTrickles;
        return config;
    }
}
