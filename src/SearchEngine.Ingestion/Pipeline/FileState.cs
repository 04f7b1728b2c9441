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

    internal static string Name(string source) => Prefix + source;

    internal string Encode() => JsonSerializer.Serialize(this);

    internal static FileState? Decode(string? encoded)
    {
        if (encoded is null)
            return null;
        try
        {
            return JsonSerializer.Deserialize<FileState>(encoded);
        }
        catch (JsonException)
        {
            // Unknown counts as never ingested: the file is read again.
            return null;
        }
    }
}
