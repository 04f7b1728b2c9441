using System.Text.Json;

namespace SearchEngine.Ingestion;

/// <summary>
/// What is stored of an ingested file, as metadata of the collection under "ingest:SOURCE", always in the same write batch as the chunks.
/// </summary>
/// <param name="Hash">SHA-256 of the content, hexadecimal.</param>
/// <param name="Pipeline">Reader and chunker with their versions and options.</param>
/// <param name="Chunks">Keys 0 to this (exclusive) may exist.</param>
/// <param name="Complete">Whether all chunks of the content are there; false while a large file is written in several batches.</param>
internal sealed record FileState(string Hash, string Pipeline, int Chunks, bool Complete)
{
    internal const string Prefix = "ingest:";

    /// <summary>Chunks 0 to this (exclusive) of the content are there: where an unfinished file goes on.</summary>
    public int Written { get; init; }

    /// <summary>Documents in it.</summary>
    public int Documents { get; init; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; init; }

    /// <summary>
    /// The source whose chunks stand for this file too, because it has the same content; null for a file with chunks of its own.
    /// </summary>
    public string? SameAs { get; init; }

    /// <summary>Whether the file's name is the title, so that it has to be read again under another name.</summary>
    public bool NamesTitle { get; init; }

    /// <summary>What could not be read of it: told at every ingestion, not only at the first.</summary>
    public IReadOnlyList<IngestionIssue>? Problems { get; init; }

    internal static string Name(string source) => Prefix + source;

    internal string Encode() => JsonSerializer.Serialize(this, CorpusJson.Default.FileState);

    internal static FileState? Decode(string? encoded)
    {
        if (encoded is null)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(encoded, CorpusJson.Default.FileState);
        }
        catch (JsonException)
        {
            // Unknown counts as never ingested: the file is read again.
            return null;
        }
    }
}
