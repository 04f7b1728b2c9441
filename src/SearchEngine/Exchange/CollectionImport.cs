using System.Text.Json;

namespace SearchEngine;

/// <summary>Reads what <see cref="CollectionExport"/> wrote.</summary>
public static class CollectionImport
{
    /// <summary>Records per write: enough to share an fsync and a batch of embeddings.</summary>
    private const int BatchSize = 256;

    /// <summary>Characters of lines per write, where records are long.</summary>
    private const int BatchLength = 16 << 20;

    /// <summary>
    /// Puts the records of an export into its collection, which is made with the exported schema if it does not exist; existing records
    /// of the same keys are replaced. What was imported before an error stays.
    /// </summary>
    /// <param name="database">Where the collection is.</param>
    /// <param name="input">The lines; left open.</param>
    /// <param name="name">Another name for the collection; null takes the exported one.</param>
    /// <param name="progress">Gets the number of records imported so far.</param>
    /// <param name="maxLineLength">Characters of a line (a record) at most: a line is in memory as a whole.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>How many records were imported.</returns>
    /// <exception cref="FormatException">The file is no export, of a newer version, damaged (the message names the line), or cut
    /// short.</exception>
    /// <exception cref="SearchDatabaseException">The collection exists with another schema.</exception>
    public static async Task<long> ReadAsync(
        ISearchDatabase database,
        Stream input,
        string? name = null,
        IProgress<long>? progress = null,
        int maxLineLength = int.MaxValue,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(input);
        using var lines = new ExportLines(input, maxLineLength);
        var schema = ReadHeader(await lines.ReadAsync(cancellationToken).ConfigureAwait(false));
        if (name is not null)
            schema = schema with { Name = name };
        var collection = await database.GetOrCreateCollectionAsync(schema, cancellationToken).ConfigureAwait(false);
        var batch = new WriteBatch();
        long records = 0,
            metadata = 0;
        var length = 0L;
        while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            var end = Take(line, lines.Number, schema, batch, ref records, ref metadata);
            length += line.Length;
            if (batch.Count >= BatchSize || length >= BatchLength || end is not null)
            {
                await collection.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                progress?.Report(records);
                batch = new WriteBatch();
                length = 0;
            }

            if (end is not { } counts)
                continue;
            if (counts != (records, metadata))
            {
                throw new FormatException(
                    $"The export says it has {counts.Records} records and {counts.Metadata} metadata values; {records} and {metadata} were read: lines are missing."
                );
            }
            return records;
        }

        throw new FormatException(
            $"The export was cut short: its end line is missing after {records} records. What was read is imported; export again for the rest."
        );
    }

    private static CollectionSchema ReadHeader(string? line)
    {
        try
        {
            using var header = JsonDocument.Parse(line ?? "");
            var version = header.RootElement.GetProperty("searchengine-export").GetInt32();
            if (version > CollectionExport.FormatVersion)
            {
                throw new FormatException(
                    $"The export has format version {version}; this build reads up to {CollectionExport.FormatVersion}. Use a newer build."
                );
            }
            return SchemaJson.Read(header.RootElement.GetProperty("schema"));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("The first line is no header of a collection export.", e);
        }
    }

    /// <summary>Takes one line into the batch; returns the counts of an end line.</summary>
    private static (long Records, long Metadata)? Take(
        string line,
        int number,
        CollectionSchema schema,
        WriteBatch batch,
        ref long records,
        ref long metadata
    )
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            if (root.TryGetProperty("end", out _))
                return (root.GetProperty("records").GetInt64(), root.GetProperty("metadata").GetInt64());
            if (root.TryGetProperty("metadata", out var name))
            {
                batch.SetMetadata(name.GetString()!, root.GetProperty("value").GetString());
                metadata++;
            }
            else
            {
                batch.Upsert(DocumentJson.ReadDocument(root, schema));
                records++;
            }

            return null;
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            var what = e is KeyNotFoundException ? "a member is missing that such a line has." : e.Message;
            throw new FormatException($"Line {number} of the export cannot be read: {what}", e);
        }
    }
}
