namespace SearchEngine.Api.Contracts;

/// <summary>The reply of GET /collections/{name}/map: of all records a sample, each a point within −1 to 1.</summary>
internal sealed record MapReply(long Records, IReadOnlyList<MapPoint> Points);

/// <summary>A record on the map.</summary>
internal sealed record MapPoint(object Key, float X, float Y, string Title, object? Color);
