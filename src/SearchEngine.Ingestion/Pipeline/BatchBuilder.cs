namespace SearchEngine.Ingestion;

/// <summary>
/// Gathers parts of files into a write batch. Each part brings the file's state along, so that a crash leaves every file
/// whole-old, whole-new, or marked incomplete, to be gone on with.
/// </summary>
internal sealed class BatchBuilder(CollectionSchema schema)
{
    private readonly bool _embeds = schema.FindVector(IngestionSchema.VectorField) is not null;

    internal WriteBatch Batch { get; } = new();

    internal List<FilePart> Parts { get; } = [];

    /// <summary>The documents of the batch, to look at their vectors.</summary>
    internal List<Document> Documents { get; } = [];

    internal int Chunks { get; private set; }

    internal bool IsEmpty => Parts.Count == 0;

    internal void Add(FilePart part)
    {
        var job = part.Job;
        for (var i = 0; i < part.Chunks.Count; i++)
        {
            var document = ToDocument(job, part.Start + i, part.Chunks[i]);
            Documents.Add(document);
            Batch.Upsert(document);
        }

        var end = part.Start + part.Chunks.Count;
        var before = job.Before?.Chunks ?? 0;
        if (part.IsLast)
        {
            Delete(job.File.Source, end, before);
            if (job.Replaces is { } replaced)
            {
                Delete(replaced, 0, job.Replaced?.Chunks ?? 0);
                Batch.SetMetadata(FileState.Name(replaced), null);
            }
        }

        var state = new FileState(job.Hash, job.Pipeline, part.IsLast ? end : Math.Max(end, before), part.IsLast)
        {
            Written = end,
            Length = job.Length,
            Documents = part.IsLast ? part.Documents : 0,
            NamesTitle = job.NamesTitle,
            Problems = job.Problems.Count == 0 ? null : [.. job.Problems],
        };
        Batch.SetMetadata(FileState.Name(job.File.Source), state.Encode());
        Chunks += part.Chunks.Count;
        Parts.Add(part);
    }

    private void Delete(string source, int from, int to)
    {
        for (var surplus = from; surplus < to; surplus++)
        {
            Batch.Delete(IngestionSchema.Key(source, surplus));
        }
    }

    private Document ToDocument(FileJob job, int number, PreparedChunk prepared)
    {
        var source = job.File.Source;
        var chunk = prepared.Chunk;
        var document = new Document(IngestionSchema.Key(source, number))
        {
            [IngestionSchema.TitleField] = prepared.Title,
            [IngestionSchema.TextField] = chunk.Text,
            [IngestionSchema.HeadingField] = chunk.Heading,
            [IngestionSchema.SourceField] = source,
            [IngestionSchema.PageField] = chunk.Page,
            [IngestionSchema.ChunkField] = number,
            [IngestionSchema.DocumentField] = prepared.DocumentId ?? source,
        };
        // Collections of an earlier version have none of these.
        Set(document, IngestionSchema.LineField, chunk.Line);
        Set(document, IngestionSchema.TypeField, IngestionSchema.TypeOf(job.File.FullPath, job.Reader));
        Set(document, IngestionSchema.ModifiedField, job.Modified);
        Set(document, IngestionSchema.DigestField, prepared.Digest);
        foreach (var (name, value) in prepared.Properties)
        {
            if (
                !IngestionSchema.IsOwn(name)
                && schema.FindField(name) is { IsList: false } field
                && PropertyValue.Of(field.Type, value) is { } typed
            )
            {
                document[name] = typed;
            }
        }

        if (prepared.Vector is { } vector)
        {
            document.Vectors[IngestionSchema.VectorField] = vector;
        }
        else if (_embeds)
        {
            document.EmbeddingTexts[IngestionSchema.VectorField] = chunk.EmbeddedText;
        }

        return document;
    }

    private void Set(Document document, string field, object? value)
    {
        if (schema.FindField(field) is not null)
        {
            document[field] = value;
        }
    }
}
