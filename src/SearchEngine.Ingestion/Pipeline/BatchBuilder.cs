namespace SearchEngine.Ingestion;

/// <summary>
/// Gathers parts of files into a write batch. Each part brings the file's state along, so that a crash leaves every file
/// whole-old, whole-new, or marked incomplete and so read again.
/// </summary>
internal sealed class BatchBuilder(bool embeds)
{
    internal WriteBatch Batch { get; } = new();

    internal List<FilePart> Parts { get; } = [];

    internal int Chunks { get; private set; }

    internal bool IsEmpty => Parts.Count == 0;

    internal void Add(FilePart part)
    {
        FileJob job = part.Job;
        for (int i = 0; i < part.Chunks.Count; i++)
            Batch.Upsert(ToDocument(job.File.Source, part.Start + i, part.Chunks[i]));
        int end = part.Start + part.Chunks.Count;
        int before = job.Before?.Chunks ?? 0;
        if (part.IsLast)
        {
            for (int surplus = end; surplus < before; surplus++)
                Batch.Delete(IngestionSchema.Key(job.File.Source, surplus));
        }
        var state = new FileState(job.Hash, job.Pipeline, part.IsLast ? end : Math.Max(end, before), part.IsLast);
        Batch.SetMetadata(FileState.Name(job.File.Source), state.Encode());
        Chunks += part.Chunks.Count;
        Parts.Add(part);
    }

    private Document ToDocument(string source, int number, PreparedChunk prepared)
    {
        TextChunk chunk = prepared.Chunk;
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
        if (embeds)
            document.EmbeddingTexts[IngestionSchema.VectorField] = chunk.EmbeddedText;
        return document;
    }
}
