using System.Text.Json.Nodes;
using Ice;
using IceTool.Agents;
using Stun;

namespace IceTool.Nat;

/// <summary>The findings as JSON lines.</summary>
internal sealed class JsonNatReport(JsonLines output) : INatReport
{
    public void Begin(NatDiscoveryOptions options)
    {
    }

    public void Report(NatDiscoveryProgress value) => output.Write(new JsonObject
    {
        ["ev"] = "step",
        ["interface"] = value.InterfaceName,
        ["address"] = value.Address.ToString(),
        ["step"] = NatWords.Of(value.Step),
        ["state"] = value.SoFar is null ? "started" : "ended",
    });

    public void End(NatDiscoveryResult result)
    {
        foreach (NatInterfaceBehavior entry in result.Interfaces)
            output.Write(ToJson("nat", entry));
        JsonObject last = result.Main is { } main ? ToJson("result", main) : new JsonObject { ["ev"] = "result", ["error"] = "No local address can be probed from." };
        last["udpBlocked"] = result.UdpBlocked;
        last["reachedOverTcp"] = result.ReachedOverTcp;
        last["ipv6"] = result.IPv6.Value;
        last["problems"] = new JsonArray([.. result.Problems.Select(static p => (JsonNode)p)]);
        output.Write(last);
    }

    private static JsonObject ToJson(string name, NatInterfaceBehavior entry)
    {
        NatBehavior found = entry.Behavior;
        var unknown = new JsonObject();
        var notes = new JsonObject();
        void Explain<T>(string field, NatFinding<T> finding, bool known)
            where T : struct
        {
            if (!known || finding.Reason is not null)
                (known ? notes : unknown)[field] = finding.Reason;
        }

        Explain("translated", found.Translated, found.Translated.IsKnown);
        Explain("mapping", found.Mapping, NatWords.Of(found.Mapping.Value) is not null);
        Explain("filtering", found.Filtering, found.Filtering.IsKnown);
        Explain("hairpinning", found.Hairpinning, found.Hairpinning.IsKnown);
        Explain("lifetimeSeconds", found.Lifetime, found.Lifetime.IsKnown);
        Explain("portPreservation", found.PortPreservation, found.PortPreservation.IsKnown);
        Explain("portPattern", found.Allocation, found.Allocation.IsKnown);
        Explain("fragments", found.Fragments, found.Fragments.IsKnown);
        return new JsonObject
        {
            ["ev"] = name,
            ["interface"] = entry.InterfaceName,
            ["address"] = entry.Address.ToString(),
            ["udpBlocked"] = found.UdpBlocked,
            ["translated"] = found.Translated.Value,
            ["publicAddresses"] = new JsonArray([.. found.PublicAddresses.Select(static a => (JsonNode)a.ToIPAddress().ToString())]),
            ["mapping"] = NatWords.Of(found.Mapping.Value),
            ["mappingDependsOnDestination"] = found.Mapping.Value is { } mapping ? mapping != NatMappingBehavior.EndpointIndependent : null,
            ["filtering"] = NatWords.Of(found.Filtering.Value),
            ["hairpinning"] = found.Hairpinning.Value is { } hairpinning ? hairpinning != NatHairpinning.None : null,
            ["hairpinSource"] = NatWords.Source(found.Hairpinning.Value),
            ["lifetimeSeconds"] = Seconds(found.Lifetime.Value?.AtLeast),
            ["lifetimeLessThanSeconds"] = Seconds(found.Lifetime.Value?.LessThan),
            ["portPreservation"] = found.PortPreservation.Value,
            ["portPattern"] = NatWords.Of(found.Allocation.Value?.Pattern),
            ["portStep"] = found.Allocation.Value?.Step,
            ["fragments"] = found.Fragments.Value,
            ["unknown"] = unknown,
            ["notes"] = notes,
            ["servers"] = new JsonArray([.. found.Servers.Select(static s => (JsonNode)ToJson(s))]),
        };
    }

    private static JsonObject ToJson(NatServerAnswer answer) => new()
    {
        ["server"] = answer.Server.ToString(),
        ["mapped"] = answer.Mapped.IsNone ? null : answer.Mapped.ToString(),
        ["other"] = answer.Other.IsNone ? null : answer.Other.ToString(),
        ["ms"] = answer.RoundTrip is { } time ? AgentJson.Milliseconds(time) : null,
        ["problem"] = answer.Problem,
    };

    private static double? Seconds(TimeSpan? time) => time is { } value ? Math.Round(value.TotalSeconds, 1) : null;
}
