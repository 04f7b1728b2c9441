namespace SearchEngine.Distributed.Routing;

/// <summary>A replica that cannot be asked: it is gone, or does not serve the shard (any more). Another replica may answer.</summary>
public sealed class ShardUnreachableException(string message, Exception? innerException = null) : Exception(message, innerException);
