using System.Globalization;
using System.Text.Json;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>What a collection's checkpoint manifest says.</summary>
internal sealed record ManifestContent(
    long Address, RecordCheckpoint Records, RecordCheckpoint Graph, long LexicalGeneration, int NextOrdinal, ulong NextBatch, int LivePieces, DateTimeOffset Written);

/// <summary>Between a collection's checkpoint and the storage layer's manifest file.</summary>
internal static class ManifestCodec
{
    public static void Write(string directory, ManifestContent content, StorageDisk files)
    {
        var manifest = new CheckpointManifest
        {
            LogAddress = content.Address,
            Records = content.Records,
            LexicalGeneration = content.LexicalGeneration,
            Properties = new Dictionary<string, string>
            {
                [SearchCollection.GraphProperty] = JsonSerializer.Serialize(content.Graph),
                [SearchCollection.NextOrdinalProperty] = content.NextOrdinal.ToString(CultureInfo.InvariantCulture),
                [SearchCollection.NextBatchProperty] = content.NextBatch.ToString(CultureInfo.InvariantCulture),
                [SearchCollection.LivePiecesProperty] = content.LivePieces.ToString(CultureInfo.InvariantCulture),
                [SearchCollection.TimeProperty] = content.Written.ToString("O", CultureInfo.InvariantCulture),
            },
        };
        manifest.Write(directory, files);
    }

    /// <exception cref="SearchDatabaseException">There is none, or it lacks something.</exception>
    public static ManifestContent Read(CollectionFiles files)
    {
        var manifest = CheckpointManifest.ReadNewest(files.Directory)
            ?? throw new SearchDatabaseException(SearchDatabaseError.Corrupt, $"{files.Directory} has a schema but no checkpoint manifest: files were removed. Restore the folder from a snapshot.");
        try
        {
            var properties = manifest.Properties;
            return new ManifestContent(
                manifest.LogAddress,
                manifest.Records,
                JsonSerializer.Deserialize<RecordCheckpoint>(properties[SearchCollection.GraphProperty])!,
                manifest.LexicalGeneration,
                int.Parse(properties[SearchCollection.NextOrdinalProperty], CultureInfo.InvariantCulture),
                ulong.Parse(properties[SearchCollection.NextBatchProperty], CultureInfo.InvariantCulture),
                int.Parse(properties[SearchCollection.LivePiecesProperty], CultureInfo.InvariantCulture),
                DateTimeOffset.Parse(properties[SearchCollection.TimeProperty], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or OverflowException or JsonException)
        {
            throw new SearchDatabaseException(SearchDatabaseError.Corrupt, $"The checkpoint manifest of {files.Directory} is incomplete: {e.Message}", e);
        }
    }
}
