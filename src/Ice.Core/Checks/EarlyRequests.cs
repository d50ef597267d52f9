namespace Ice.Core;

/// <summary>Checks that came before the peer's parameters; bounded, one per path.</summary>
internal struct EarlyRequests
{
    private List<EarlyRequest>? _requests;

    /// <summary>Keeps a request; false when the limit is reached.</summary>
    public bool TryAdd(EarlyRequest request)
    {
        _requests ??= new List<EarlyRequest>(1);
        int index = _requests.FindIndex(r => r.Path == request.Path && r.RemoteUsernameFragment == request.RemoteUsernameFragment);
        if (index >= 0)
        {
            _requests[index] = request with { UseCandidate = request.UseCandidate || _requests[index].UseCandidate };
            return true;
        }

        if (_requests.Count >= IceDefaults.MaxEarlyRequests)
            return false;
        _requests.Add(request);
        return true;
    }

    /// <summary>Takes the requests of a stream that came from the peer with this username fragment; others of the stream are forgotten.</summary>
    public List<EarlyRequest> Take(int stream, string remoteUsernameFragment)
    {
        if (_requests is null)
            return [];
        List<EarlyRequest> taken = _requests.FindAll(r => r.Base.Component.Stream == stream && r.RemoteUsernameFragment == remoteUsernameFragment);
        _requests.RemoveAll(r => r.Base.Component.Stream == stream);
        if (_requests.Count == 0)
            _requests = null;
        return taken;
    }
}
