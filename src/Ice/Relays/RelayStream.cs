using System.Net.Sockets;
using Ice.Core;
using Microsoft.Extensions.Logging;

namespace Ice;

/// <summary>The stream of one relay, from the attempt to open it to its end: what is read goes to the machine, data to the component.</summary>
internal sealed class RelayStream(
    IceEvent.OpenRelayStream wanted, RelayTarget target, LocalTransport from, AgentDriver driver, IceAgentOptions options, ILogger logger)
    : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private IcePath _path;
    private RelayLink? _link;
    private bool _abandoned;

    public int ServerId => wanted.Server.Id;

    public int RelayId => wanted.RelayId;

    public BaseId From => wanted.From;

    /// <summary>The driver's number, once it is open.</summary>
    public BaseId Id => _path.Base;

    public bool IsAbandoned => _abandoned;

    /// <summary>The open link; null before that.</summary>
    public RelayLink? Link => Volatile.Read(ref _link);

    public Task Completion { get; private set; } = Task.CompletedTask;

    public void Start(CancellationToken closing) => Completion = Task.Run(() => RunAsync(closing), CancellationToken.None);

    /// <summary>Has the stream end, on another thread; the machine hears no more of it. Called under the driver's lock.</summary>
    public void Abandon()
    {
        _abandoned = true;
        _ = _stop.CancelAsync();
    }

    /// <summary>Sends STUN.</summary>
    public SocketError TrySend(ReadOnlySpan<byte> message) => Link?.TryWrite(message) == true ? SocketError.Success : SocketError.NoBufferSpaceAvailable;

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync(CancellationToken closing)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, closing);
        (RelayLink? link, string? failure) = await new RelayConnector(options).OpenAsync(target, from.LocalEndPoint.Address, either.Token).ConfigureAwait(false);
        if (link is null)
        {
            Report(failure!);
        }
        else
        {
            await using (link.ConfigureAwait(false))
            {
                if (Open(link))
                    await ReadAsync(link, either.Token).ConfigureAwait(false);
                Report(link.WhyEnded);
            }
        }

        driver.Forget(this);
    }

    private bool Open(RelayLink link)
    {
        using AgentDriver.Scope scope = driver.Enter();
        if (driver.IsClosed || _abandoned)
            return false;
        _path = new IcePath(driver.NextBaseId(), wanted.Server.Address);
        Volatile.Write(ref _link, link);
        Log.RelayStreamOpened(logger, wanted.Server.Url, from.LocalEndPoint);
        driver.Core.RelayStreamOpened(RelayId, Id, scope.Now);
        return true;
    }

    private void Report(string reason)
    {
        using AgentDriver.Scope scope = driver.Enter();
        if (driver.IsClosed || _abandoned)
            return;
        Log.RelayStreamClosed(logger, wanted.Server.Url, from.LocalEndPoint, reason);
        driver.Core.RelayStreamClosed(RelayId, reason, scope.Now);
    }

    private async Task ReadAsync(RelayLink link, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadOnlyMemory<byte> message = await link.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (message.IsEmpty)
                return;
#pragma warning disable CA1031 // the outermost loop: a defect in handling one message must not end the reception of all others
            try
            {
                Handle(message.Span);
            }
            catch (Exception exception)
            {
                Log.DatagramFailed(logger, exception);
            }
#pragma warning restore CA1031
        }
    }

    private void Handle(ReadOnlySpan<byte> message)
    {
        if (from.Component.TryUnwrap(_path, message, out IcePath inner, out ReadOnlySpan<byte> data) && !LocalTransport.MayBeStun(data))
            Deliver(inner, data);
        else if (driver.HandleControl(_path, message, out RelayedData relayed) == InputResult.RelayedData)
            Deliver(relayed.Path, message.Slice(relayed.Offset, relayed.Length));
        else
            driver.Streams.Counts.CountControl();
    }

    private void Deliver(IcePath path, ReadOnlySpan<byte> data)
    {
        if (data.Length > options.MaxDatagramSize)
            driver.Streams.Counts.CountOversized();
        else if (!from.Component.OnDatagram(path, data, null))
            driver.Streams.Counts.CountUnaccepted();
    }
}
