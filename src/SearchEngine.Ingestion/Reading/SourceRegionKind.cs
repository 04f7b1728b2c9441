namespace SearchEngine.Ingestion;

/// <summary>What a <see cref="SourceRegion"/> is.</summary>
public enum SourceRegionKind : byte
{
    /// <summary>Rows on lines, cells separated by " | "; cut between rows, its header repeated.</summary>
    Table,

    /// <summary>Code or preformatted text; kept whole where it fits into a chunk, else cut between lines.</summary>
    Code,
}
