namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>What a replica is asked for, by name, and the bodies of the calls that have no record of their own.</summary>
internal static class ShardCalls
{
    public const string Terms = "terms";
    public const string Neighbors = "neighbors";
    public const string Candidates = "candidates";
    public const string Read = "read";
    public const string Completions = "completions";
    public const string Together = "together";
    public const string Get = "get";
    public const string Outcome = "outcome";
    public const string Count = "count";
    public const string Metadata = "metadata";
    public const string Info = "info";
    public const string Verify = "verify";
    public const string OpenView = "view.open";
    public const string CloseView = "view.close";
    public const string OpenCursor = "cursor.open";
    public const string ReadCursor = "cursor.read";
    public const string CloseCursor = "cursor.close";

    public sealed record CompletionsCall(string Text, int Limit);

    public sealed record TogetherCall(IReadOnlyList<string> Words, IReadOnlyList<string> Others);

    public sealed record GetCall(IReadOnlyList<RecordKey> Keys, bool IncludeVectors);

    /// <summary>A count in a view, or of the present where it names none.</summary>
    public sealed record CountCall(DocumentFilter? Filter, long? View);

    /// <summary>Metadata: of a name, or all whose names start with a prefix.</summary>
    public sealed record MetadataCall(string? Name, string? Prefix, long? View);

    /// <summary>The records of a query, or the keys of all.</summary>
    public sealed record CursorCall(RecordQuery? Query, long? View);

    /// <summary>A part of what a cursor gives; no cursor where it was the last.</summary>
    public sealed record Page(long? Cursor, IReadOnlyList<Document> Documents, IReadOnlyList<RecordKey> Keys);
}
