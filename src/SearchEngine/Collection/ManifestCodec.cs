using System.Globalization;
using System.Text.Json;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>What a collection's checkpoint manifest says.</summary>
/// <param name="Address">The log address up to which the images are; they may hold writes behind it.</param>
/// <param name="Records">The record store's image.</param>
/// <param name="Graph">The graph store's image.</param>
/// <param name="LexicalGeneration">The keyword index's commit; 0 where there is none.</param>
/// <param name="NextOrdinal">One more than the largest ordinal given out.</param>
/// <param name="NextBatch">A batch number above all that were given.</param>
/// <param name="LivePieces">Pieces of the live bitmap.</param>
/// <param name="Retired">How many records the images may hold that were dead at the address: readers held them up.</param>
/// <param name="Written">When.</param>
internal sealed record ManifestContent(
    long Address,
    RecordCheckpoint Records,
    RecordCheckpoint Graph,
    long LexicalGeneration,
    int NextOrdinal,
    ulong NextBatch,
    int LivePieces,
    int Retired,
    DateTimeOffset Written
)
{
    /// <summary>Which folders of derived views count (<see cref="CollectionFiles.Views"/>); 0 until a repair has made others.</summary>
    public int Views { get; init; }
}

/// <summary>Between a collection's checkpoint and the storage layer's manifest file.</summary>
internal static class ManifestCodec
{
    /// <summary>The log address among the keyword index's commit data.</summary>
    public const string AddressProperty = "logAddress";

    private const string NextOrdinalProperty = "nextOrdinal";
    private const string NextBatchProperty = "nextBatch";
    private const string GraphProperty = "graphCheckpoint";
    private const string LivePiecesProperty = "livePieces";
    private const string RetiredProperty = "retired";
    private const string TimeProperty = "writtenUtc";
    private const string ViewsProperty = "views";

    /// <summary>Builds that know one set of derived views only must not take the wrong one.</summary>
    private const int FormatVersionOfViews = 2;

    public static void Write(string directory, ManifestContent content, StorageDisk files)
    {
        var manifest = new CheckpointManifest
        {
            FormatVersion = content.Views == 0 ? 1 : FormatVersionOfViews,
            LogAddress = content.Address,
            Records = content.Records,
            LexicalGeneration = content.LexicalGeneration,
            Properties = new Dictionary<string, string>
            {
                [GraphProperty] = JsonSerializer.Serialize(content.Graph, ManifestJson.Default.RecordCheckpoint),
                [NextOrdinalProperty] = content.NextOrdinal.ToString(CultureInfo.InvariantCulture),
                [NextBatchProperty] = content.NextBatch.ToString(CultureInfo.InvariantCulture),
                [RetiredProperty] = content.Retired.ToString(CultureInfo.InvariantCulture),
                [LivePiecesProperty] = content.LivePieces.ToString(CultureInfo.InvariantCulture),
                [TimeProperty] = content.Written.ToString("O", CultureInfo.InvariantCulture),
                [ViewsProperty] = content.Views.ToString(CultureInfo.InvariantCulture),
            },
        };
        manifest.Write(directory, files);
    }

    /// <exception cref="SearchDatabaseException">There is none, or it lacks something.</exception>
    public static ManifestContent Read(CollectionFiles files)
    {
        var manifest =
            CheckpointManifest.ReadNewest(files.Directory)
            ?? throw new SearchDatabaseException(
                SearchDatabaseError.Corrupt,
                $"{files.Directory} has a schema but no checkpoint manifest: files were removed. Restore the folder from a snapshot."
            );
        try
        {
            var properties = manifest.Properties;
            return new ManifestContent(
                manifest.LogAddress,
                manifest.Records,
                ManifestReader.ReadCheckpoint(properties[GraphProperty]),
                manifest.LexicalGeneration,
                int.Parse(properties[NextOrdinalProperty], CultureInfo.InvariantCulture),
                ulong.Parse(properties[NextBatchProperty], CultureInfo.InvariantCulture),
                int.Parse(properties[LivePiecesProperty], CultureInfo.InvariantCulture),
                properties.TryGetValue(RetiredProperty, out var retired) ? int.Parse(retired, CultureInfo.InvariantCulture) : 0,
                DateTimeOffset.Parse(properties[TimeProperty], CultureInfo.InvariantCulture)
            )
            {
                Views = properties.TryGetValue(ViewsProperty, out var views)
                    ? int.Parse(views, NumberStyles.None, CultureInfo.InvariantCulture)
                    : 0,
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or OverflowException or JsonException)
        {
            throw new SearchDatabaseException(
                SearchDatabaseError.Corrupt,
                $"The checkpoint manifest of {files.Directory} is incomplete: {e.Message}",
                e
            );
        }
    }
}
