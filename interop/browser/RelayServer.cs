using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BrowserInterop;

/// <summary>The product's own TURN server, <c>ice serve</c>, on the address that the browser uses.</summary>
internal sealed class RelayServer : IAsyncDisposable
{
    private const string User = "browser";

    private readonly IceProcess _process;
    private readonly string _password;
    private IPEndPoint? _endPoint;

    public RelayServer(string iceDll, string password)
    {
        _password = password;
        _process = IceProcess.Start(iceDll, ["serve", "--json", "--udp", $"{FindAddress()}:0", "--user", $"{User}:{password}", "--allow-private"]);
    }

    /// <summary>The browser's configuration: relayed candidates from this server alone.</summary>
    public async Task<string> DescribeForBrowserAsync(CancellationToken cancellationToken)
    {
        IPEndPoint server = await WaitForEndPointAsync(cancellationToken);
        var ice = new JsonObject { ["urls"] = $"turn:{server}?transport=udp", ["username"] = User, ["credential"] = _password };
        return new JsonObject { ["iceServers"] = new JsonArray(ice), ["iceTransportPolicy"] = "relay" }.ToJsonString();
    }

    /// <summary>Adds the same to the configuration of <c>ice peer</c>.</summary>
    public async Task AddToAsync(JsonObject config, CancellationToken cancellationToken)
    {
        IPEndPoint server = await WaitForEndPointAsync(cancellationToken);
        config["policy"] = "relay";
        config["turn"] = new JsonArray(new JsonObject { ["host"] = $"{server.Address}", ["port"] = server.Port, ["transport"] = "udp", ["user"] = User, ["pass"] = _password });
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task<IPEndPoint> WaitForEndPointAsync(CancellationToken cancellationToken)
    {
        if (_endPoint is null)
        {
            JsonElement listening = await _process.NextAsync("listening", cancellationToken);
            _endPoint = IPEndPoint.Parse(listening.Text("address"));
        }

        return _endPoint;
    }

    private static IPAddress FindAddress()
    {
        foreach (NetworkInterface nic in NetworkInterface.GetAllNetworkInterfaces())
        {
            foreach (UnicastIPAddressInformation address in nic.GetIPProperties().UnicastAddresses)
            {
                if (address.Address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address.Address))
                    return address.Address;
            }
        }

        throw new InvalidOperationException("There is no IPv4 address but loopback: run the harness through interop/browser/run, which makes one.");
    }
}
