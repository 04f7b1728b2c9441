using System.Buffers.Binary;
using SearchEngine.Lexical;
using SearchEngine.Reading;

namespace SearchEngine.Writing;

/// <summary>A record on its way into the views.</summary>
internal sealed record NewRecord(int Ordinal, byte[] Record, object?[] Values, float[]?[] Vectors);

/// <summary>
/// Puts records into the views and takes them out. Idempotent, since a replay may meet views that hold some of them already. Whether a
/// record is visible is not decided here. One at a time.
/// </summary>
internal sealed class ViewWriter(CollectionSchema schema, CollectionViews views, LexicalView? lexical, int indexThreads)
{
    private readonly int _threads = indexThreads > 0 ? indexThreads : Environment.ProcessorCount;

    /// <summary>Puts records into the record store, the vector indexes and the keyword index.</summary>
    public void Put(IReadOnlyList<NewRecord> records)
    {
        if (records.Count == 0)
            return;
        Span<byte> key = stackalloc byte[4];
        foreach (var record in records)
        {
            BinaryPrimitives.WriteInt32BigEndian(key, record.Ordinal);
            views.Records.Upsert(RecordSpaces.Record, key, record.Record);
            foreach (var vector in views.Vectors)
            {
                if (VectorOf(record, vector) is { } components)
                    vector.Store(record.Ordinal, components);
            }
        }

        foreach (var vector in views.Vectors)
            AddVectors(vector, records);
        lexical?.Add(records.Select(record => LexicalMapping.ToLexical(schema, record.Ordinal, record.Values)));
    }

    /// <summary>Takes records out of every view. No reader may be left that could see them.</summary>
    public void Remove(IReadOnlyList<int> ordinals)
    {
        if (ordinals.Count == 0)
            return;
        foreach (var ordinal in ordinals)
        {
            foreach (var vector in views.Vectors)
                vector.Index.Remove(ordinal);
        }

        lexical?.Delete(ordinals);
        Span<byte> key = stackalloc byte[4];
        foreach (var ordinal in ordinals)
        {
            BinaryPrimitives.WriteInt32BigEndian(key, ordinal);
            views.Records.Delete(RecordSpaces.Record, key);
            foreach (var vector in views.Vectors)
                vector.Erase(ordinal);
        }
    }

    private void AddVectors(VectorFieldIndex vector, IReadOnlyList<NewRecord> records)
    {
        var with = records.Where(record => VectorOf(record, vector) is not null).ToArray();
        if (with.Length == 0)
            return;
        if (with.Length == 1 || _threads == 1)
        {
            foreach (var record in with)
                vector.Index.TryAdd(record.Ordinal, VectorOf(record, vector));
            return;
        }

        Parallel.ForEach(
            with,
            new ParallelOptions { MaxDegreeOfParallelism = _threads },
            record => vector.Index.TryAdd(record.Ordinal, VectorOf(record, vector))
        );
    }

    private static float[]? VectorOf(NewRecord record, VectorFieldIndex vector) =>
        vector.Position < record.Vectors.Length ? record.Vectors[vector.Position] : null;
}
