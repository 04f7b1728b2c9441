namespace SearchEngine.Distributed.Routing.Serving;

/// <summary>Names of the metadata that replicas keep in their collections, beside the user's.</summary>
internal static class ReplicaMetadata
{
    /// <summary>Names that begin so are the replicas' own. No key of a keyboard makes one by accident.</summary>
    public const string Prefix = "\u0001shard/";

    /// <summary>How far the log is applied (<see cref="Log.LogCursor"/>).</summary>
    public const string Cursor = Prefix + "cursor";

    /// <summary>
    /// Outcomes that are kept: those of the last so many entries. A router asks for one as soon as it is applied.
    /// </summary>
    private const int Outcomes = 4096;

    /// <summary>Where the outcome of an entry is kept.</summary>
    public static string OutcomeOf(long position) => FormattableString.Invariant($"{Prefix}outcome/{position % Outcomes}");

    public static bool IsOwn(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);
}
