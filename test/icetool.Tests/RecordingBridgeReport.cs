using System.Collections.Concurrent;
using System.Net;
using Ice;
using Ice.Core;
using IceTool.Bridge;

namespace IceTool.Tests;

/// <summary>Keeps what a bridge told.</summary>
internal sealed class RecordingBridgeReport : IBridgeReport
{
    private readonly TaskCompletionSource<IPEndPoint> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IPEndPoint> Opened => _open.Task;

    public Task IsConnected => _connected.Task;

    public ConcurrentQueue<string> Lines { get; } = [];

    public ConcurrentQueue<string> Problems { get; } = [];

    public IceUdpBridgeStats? Ended { get; private set; }

    public void Open(IPEndPoint local, IPEndPoint? application) => _open.TrySetResult(local);

    public void Line(bool offer, string line) => Lines.Enqueue(line);

    public void Written(string path) => Lines.Enqueue(path);

    public void Wait(string what)
    {
    }

    public void Problem(string message) => Problems.Enqueue(message);

    public void Take(EventArgs args)
    {
    }

    public void Connected(CandidatePairInfo pair) => _connected.TrySetResult();

    public void Application(IPEndPoint endPoint)
    {
    }

    public void End(IceUdpBridgeStats stats) => Ended = stats;
}
