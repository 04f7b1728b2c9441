namespace SearchEngine;

/// <summary>
/// Operations that become durable and visible together: after a crash either all of them are there or none.
/// Applied in the order they were added. Not thread-safe.
/// </summary>
public sealed class WriteBatch
{
    internal List<WriteOperation> Operations { get; } = [];

    /// <summary>Operations so far.</summary>
    public int Count => Operations.Count;

    /// <summary>Inserts the document, or replaces the whole record of its key.</summary>
    public WriteBatch Upsert(Document document)
    {
        ArgumentNullException.ThrowIfNull(document);
        Operations.Add(new WriteOperation(WriteOperationKind.Upsert, document.Key, document, null, null));
        return this;
    }

    /// <summary>Deletes the record of the key; nothing happens where there is none.</summary>
    public WriteBatch Delete(RecordKey key)
    {
        Operations.Add(new WriteOperation(WriteOperationKind.Delete, key, null, null, null));
        return this;
    }

    /// <summary>Sets a small named value of the collection itself (null removes it), for instance the state of an ingested file.</summary>
    public WriteBatch SetMetadata(string name, string? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (System.Text.Encoding.UTF8.GetByteCount(name) > RecordKey.MaxStringBytes)
            throw new ArgumentException($"A metadata name may have at most {RecordKey.MaxStringBytes} UTF-8 bytes.", nameof(name));
        Operations.Add(new WriteOperation(WriteOperationKind.SetMetadata, default, null, name, value));
        return this;
    }
}
