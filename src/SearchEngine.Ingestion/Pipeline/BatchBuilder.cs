namespace SearchEngine.Ingestion;

/// <summary>
/// Gathers parts of files into a write batch. Each part brings the file's state along, so that a crash leaves every file
/// whole-old, whole-new, or marked incomplete, to be gone on with.
/// </summary>
internal sealed class BatchBuilder(CollectionSchema schema)
{
    private readonly bool _embeds = schema.FindVector(IngestionSchema.VectorField) is not null;
    private readonly List<(FilePart Part, List<Document> Documents)> _entries = [];

    /// <summary>The parts and their documents, which have no vectors yet but for those that were stored already.</summary>
    internal IReadOnlyList<(FilePart Part, List<Document> Documents)> Entries => _entries;

    internal IEnumerable<FilePart> Parts => _entries.Select(e => e.Part);

    internal int Chunks { get; private set; }

    internal bool IsEmpty => _entries.Count == 0;

    internal void Add(FilePart part)
    {
        var documents = new List<Document>(part.Chunks.Count);
        for (var i = 0; i < part.Chunks.Count; i++)
        {
            documents.Add(ToDocument(part.Job, part.Start + i, part.Chunks[i]));
        }

        _entries.Add((part, documents));
        Chunks += part.Chunks.Count;
    }

    /// <summary>Takes a part out again.</summary>
    internal void Drop(FilePart part)
    {
        _entries.RemoveAll(e => ReferenceEquals(e.Part, part));
        Chunks = _entries.Sum(e => e.Documents.Count);
    }

    /// <summary>What is to be written. The states of files say what went wrong with them until now.</summary>
    internal WriteBatch ToBatch()
    {
        var batch = new WriteBatch();
        foreach (var (part, documents) in _entries)
        {
            foreach (var document in documents)
            {
                batch.Upsert(document);
            }

            Finish(batch, part);
        }

        return batch;
    }

    private static void Finish(WriteBatch batch, FilePart part)
    {
        var job = part.Job;
        var end = part.Start + part.Chunks.Count;
        var before = job.Before?.Chunks ?? 0;
        if (part.IsLast)
        {
            Delete(batch, job.File.Source, end, before);
            if (job.Replaces is { } replaced)
            {
                Delete(batch, replaced, 0, job.Replaced?.Chunks ?? 0);
                batch.SetMetadata(FileState.Name(replaced), null);
            }
        }

        var problems = job.Problems;
        var state = new FileState(job.Hash, job.Pipeline, part.IsLast ? end : Math.Max(end, before), part.IsLast)
        {
            Written = end,
            Length = job.Length,
            Documents = part.IsLast ? part.Documents : 0,
            NamesTitle = job.NamesTitle,
            Problems = problems.Count == 0 ? null : problems,
        };
        batch.SetMetadata(FileState.Name(job.File.Source), state.Encode());
    }

    private static void Delete(WriteBatch batch, string source, int from, int to)
    {
        for (var surplus = from; surplus < to; surplus++)
        {
            batch.Delete(IngestionSchema.Key(source, surplus));
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
