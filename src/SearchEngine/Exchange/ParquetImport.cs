using System.Globalization;
using System.Text.Json;
using Parquet;

namespace SearchEngine;

/// <summary>Reads what <see cref="ParquetExport"/> wrote.</summary>
public static class ParquetImport
{
    /// <summary>Records per write: enough to share an fsync and a batch of embeddings.</summary>
    private const int BatchSize = 256;

    /// <summary>
    /// Puts the records of an export into its collection, which is made with the exported schema if it does not exist; existing records
    /// of the same keys are replaced. One row group is in memory at a time. What was imported before an error stays.
    /// </summary>
    /// <param name="database">Where the collection is.</param>
    /// <param name="input">The file, a stream that can seek; left open.</param>
    /// <param name="name">Another name for the collection; null takes the exported one.</param>
    /// <param name="progress">Gets the number of records imported so far.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>How many records were imported.</returns>
    /// <exception cref="FormatException">The file is no Parquet file or no export, of a newer version, damaged, or its columns are not
    /// those of its schema (the message names the column).</exception>
    /// <exception cref="SearchDatabaseException">The collection exists with another schema.</exception>
    public static async Task<long> ReadAsync(
        ISearchDatabase database,
        Stream input,
        string? name = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(input);
        if (!input.CanSeek)
            throw new ArgumentException("Parquet is read from a file: this stream cannot seek.", nameof(input));
        var reader = await ReadingAsync(async () =>
                await ParquetReader.CreateAsync(input, null, true, cancellationToken).ConfigureAwait(false)
            )
            .ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var (schema, metadata, expected) = ReadHeader(reader);
            if (name is not null)
                schema = schema with { Name = name };
            // An export without vectors has no column for any of them.
            var present = reader.Schema.GetDataFields().Select(field => field.Path.FirstPart).ToHashSet(StringComparer.Ordinal);
            var layout = new ParquetLayout(schema, includeVectors: schema.Vectors.Any(vector => present.Contains(vector.Name)));
            var stored = layout.Match(reader.Schema);
            var collection = await database.GetOrCreateCollectionAsync(schema, cancellationToken).ConfigureAwait(false);
            var batch = new WriteBatch();
            foreach (var (key, value) in metadata)
                batch.SetMetadata(key, value);
            long records = 0;
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                var columns = await ReadGroupAsync(reader, group, layout, stored, cancellationToken).ConfigureAwait(false);
                for (var row = 0; row < columns[0].Length; row++)
                {
                    batch.Upsert(DocumentOf(layout, columns, row));
                    records++;
                    if (batch.Count < BatchSize)
                        continue;
                    await collection.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                    progress?.Report(records);
                    batch = new WriteBatch();
                }
            }

            if (batch.Count > 0)
                await collection.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            progress?.Report(records);
            if (records != expected)
                throw new FormatException($"The export says it has {expected} records; {records} were read.");
            return records;
        }
    }

    private static (CollectionSchema Schema, Dictionary<string, string> Metadata, long Records) ReadHeader(ParquetReader reader)
    {
        var header = reader.CustomMetadata;
        if (
            header is null
            || !header.TryGetValue(ParquetLayout.VersionKey, out var text)
            || !int.TryParse(text, CultureInfo.InvariantCulture, out var version)
        )
        {
            throw new FormatException("The Parquet file is no export of a collection: its metadata has no schema.");
        }
        if (version > ParquetLayout.FormatVersion)
        {
            throw new FormatException(
                $"The export has format version {version}; this build reads up to {ParquetLayout.FormatVersion}. Use a newer build."
            );
        }
        try
        {
            var schema = SchemaJson.Read(header[ParquetLayout.SchemaKey]);
            var metadata = JsonSerializer.Deserialize(header[ParquetLayout.MetadataKey], EngineJson.Default.DictionaryStringString)!;
            return (schema, metadata, long.Parse(header[ParquetLayout.RecordsKey], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new FormatException($"The schema in the Parquet file cannot be read: {e.Message}", e);
        }
    }

    private static Task<object?[][]> ReadGroupAsync(
        ParquetReader reader,
        int group,
        ParquetLayout layout,
        Parquet.Schema.DataField[] stored,
        CancellationToken cancellationToken
    ) =>
        ReadingAsync(async () =>
        {
            using var rows = reader.OpenRowGroupReader(group);
            var columns = new object?[layout.Columns.Count][];
            for (var i = 0; i < columns.Length; i++)
                columns[i] = await layout.Columns[i].ReadAsync(rows, stored[i], cancellationToken).ConfigureAwait(false);
            return columns;
        });

    private static Document DocumentOf(ParquetLayout layout, object?[][] columns, int row)
    {
        var document = new Document(RecordKey.FromObject(columns[0][row]));
        var column = 1;
        foreach (var (field, _) in layout.Fields)
            document[field.Name] = columns[column++][row];
        foreach (var (field, _) in layout.Vectors)
        {
            if (columns[column++][row] is float[] vector)
                document.Vectors[field.Name] = vector;
        }

        return document;
    }

    /// <summary>Whatever the library throws at bytes that are no sound Parquet becomes one kind of error.</summary>
    private static async Task<T> ReadingAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or FormatException))
        {
            throw new FormatException($"The file cannot be read as Parquet (cut short, damaged, or of another format): {e.Message}", e);
        }
    }
}
