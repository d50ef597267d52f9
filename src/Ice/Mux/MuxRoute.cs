namespace Ice;

/// <summary>A remote address and who has claims to it. Immutable: readers take no lock.</summary>
internal sealed class MuxRoute<T>
    where T : class
{
    // In the order of the claims; the validated ones in the order of their validation.
    private readonly (T Owner, bool Validated)[] _claims;

    private MuxRoute((T Owner, bool Validated)[] claims)
    {
        _claims = claims;
        int last = Array.FindLastIndex(claims, static claim => claim.Validated);
        // Who has only received a request from there does not take it from another: the sender's address of a request can be forged, that of
        // the response to one cannot.
        Owner = claims[Math.Max(last, 0)].Owner;
        IsShared = claims.Count(static claim => claim.Validated) > 1;
    }

    /// <summary>Who gets what comes from there: the last who validated it; the first of them when none did.</summary>
    public T Owner { get; }

    /// <summary>Whether several have validated it: what comes from there may be meant for another.</summary>
    public bool IsShared { get; }

    /// <summary>The route with a claim more, or with one that has changed; the same when it was there.</summary>
    public static MuxRoute<T> With(MuxRoute<T>? route, T owner, bool validated)
    {
        if (route is null)
            return new MuxRoute<T>([(owner, validated)]);
        int index = Array.FindIndex(route._claims, claim => claim.Owner == owner);
        if (index >= 0 && route._claims[index].Validated == validated)
            return route;
        return new MuxRoute<T>([.. route._claims.Where(claim => claim.Owner != owner), (owner, validated)]);
    }

    /// <summary>The route without an owner's claim; null when it was the only one.</summary>
    public static MuxRoute<T>? Without(MuxRoute<T> route, T owner)
    {
        (T, bool)[] rest = [.. route._claims.Where(claim => claim.Owner != owner)];
        return rest.Length == 0 ? null : rest.Length == route._claims.Length ? route : new MuxRoute<T>(rest);
    }
}
