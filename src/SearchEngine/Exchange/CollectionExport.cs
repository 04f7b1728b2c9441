using System.Text.Json;

namespace SearchEngine;

/// <summary>
/// A collection as JSON Lines: a header with the schema, one line per record (key, fields, vectors), one per metadata value, and an
/// end line with counts, so that a file cut short is noticed. UTF-8, one JSON object a line.
/// </summary>
public static class CollectionExport
{
    /// <summary>The version of the format, in the header.</summary>
    public const int FormatVersion = 1;

    /// <summary>Records between two reports of progress and two checks for cancellation.</summary>
    private const int ReportEvery = 1000;

    /// <summary>Writes the records and the metadata of one moment, the one in which the export begins.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="output">Takes the lines; left open.</param>
    /// <param name="includeVectors">Whether vectors are written; without them an import embeds the texts again.</param>
    /// <param name="progress">Gets the number of records written so far.</param>
    /// <param name="cancellationToken">Stops between records; the file then has no end line.</param>
    /// <returns>How many records were written.</returns>
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
        using var line = new MemoryStream();
        async Task WriteLineAsync(Action<Utf8JsonWriter> write)
        {
            line.SetLength(0);
            using (var json = new Utf8JsonWriter(line, DocumentJson.WriterOptions))
                write(json);
            line.WriteByte((byte)'\n');
            await output.WriteAsync(line.GetBuffer().AsMemory(0, (int)line.Length), cancellationToken).ConfigureAwait(false);
        }

        await WriteLineAsync(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("searchengine-export", FormatVersion);
                json.WritePropertyName("schema");
                SchemaJson.Write(json, collection.Schema);
                json.WriteEndObject();
            })
            .ConfigureAwait(false);
        long records = 0;
        var view = await collection.OpenViewAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = view.ConfigureAwait(false);
        await foreach (
            var document in view.QueryAsync(new RecordQuery { IncludeVectors = includeVectors }, cancellationToken).ConfigureAwait(false)
        )
        {
            await WriteLineAsync(json => DocumentJson.WriteDocument(json, collection.Schema, document)).ConfigureAwait(false);
            if (++records % ReportEvery == 0)
                progress?.Report(records);
        }

        long metadata = 0;
        await foreach (var (name, value) in view.ListMetadataAsync("", cancellationToken).ConfigureAwait(false))
        {
            await WriteLineAsync(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("metadata", name);
                    json.WriteString("value", value);
                    json.WriteEndObject();
                })
                .ConfigureAwait(false);
            metadata++;
        }

        await WriteLineAsync(json =>
            {
                json.WriteStartObject();
                json.WriteBoolean("end", true);
                json.WriteNumber("records", records);
                json.WriteNumber("metadata", metadata);
                json.WriteEndObject();
            })
            .ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        progress?.Report(records);
        return records;
    }
}
