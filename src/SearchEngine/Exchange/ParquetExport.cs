using System.Globalization;
using System.Text.Json;
using Parquet;

namespace SearchEngine;

/// <summary>
/// A collection as a Parquet file, for analysis elsewhere and for <see cref="ParquetImport"/>: a row per record, a column per field,
/// vectors
/// as lists of float. Every value comes back bit for bit.
/// </summary>
public static class ParquetExport
{
    /// <summary>Values held in memory before a row group is written: large enough to compress, small enough for any machine.</summary>
    private const long RowGroupBytes = 16L << 20;

    /// <summary>Rows of a group at most, for records of a few bytes.</summary>
    private const int MaxRowGroupRows = 65_536;

    /// <summary>
    /// Writes the records and the metadata of one moment, the one in which the export begins. Memory does not grow with the collection.
    /// </summary>
    /// <param name="collection">The collection.</param>
    /// <param name="output">A stream that can seek; left open.</param>
    /// <param name="includeVectors">Whether vectors are written; without them an import embeds the texts again.</param>
    /// <param name="progress">Gets the number of records written so far.</param>
    /// <param name="cancellationToken">Stops between records; the file is then no export.</param>
    /// <returns>How many records were written.</returns>
    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    public static async Task<long> WriteAsync(
        ISearchCollection collection,
        Stream output,
        bool includeVectors = true,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(output);
        if (!output.CanSeek)
            throw new ArgumentException("Parquet is written to a file: this stream cannot seek.", nameof(output));
        var layout = new ParquetLayout(collection.Schema, includeVectors);
        long records = 0;
        var view = await collection.OpenViewAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = view.ConfigureAwait(false);
        var writer = await ParquetWriter.CreateAsync(layout.File, output, null, false, cancellationToken).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            long bytes = 0;
            var rows = 0;
            await foreach (
                var document in view.QueryAsync(new RecordQuery { IncludeVectors = includeVectors }, cancellationToken)
                    .ConfigureAwait(false)
            )
            {
                bytes += layout.Append(document);
                records++;
                if (++rows < MaxRowGroupRows && bytes < RowGroupBytes)
                    continue;
                await WriteGroupAsync(writer, layout, cancellationToken).ConfigureAwait(false);
                (bytes, rows) = (0, 0);
                progress?.Report(records);
            }

            if (rows > 0)
                await WriteGroupAsync(writer, layout, cancellationToken).ConfigureAwait(false);
            var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
            await foreach (var (name, value) in view.ListMetadataAsync("", cancellationToken).ConfigureAwait(false))
                metadata[name] = value;
            // Only now is the file an export: one that was broken off has no header and is refused.
            writer.CustomMetadata = new Dictionary<string, string>
            {
                [ParquetLayout.VersionKey] = ParquetLayout.FormatVersion.ToString(CultureInfo.InvariantCulture),
                [ParquetLayout.RecordsKey] = records.ToString(CultureInfo.InvariantCulture),
                [ParquetLayout.SchemaKey] = SchemaJson.Write(collection.Schema),
                [ParquetLayout.MetadataKey] = JsonSerializer.Serialize(metadata, EngineJson.Default.SortedDictionaryStringString),
            };
        }

        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        progress?.Report(records);
        return records;
    }

    private static async Task WriteGroupAsync(ParquetWriter writer, ParquetLayout layout, CancellationToken cancellationToken)
    {
        using var group = writer.CreateRowGroup();
        foreach (var column in layout.Columns)
            await column.WriteAsync(group, cancellationToken).ConfigureAwait(false);
        group.CompleteValidate();
    }
}
