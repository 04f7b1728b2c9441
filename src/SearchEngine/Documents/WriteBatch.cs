namespace SearchEngine;

/// <summary>
/// Operations that become durable and visible together: after a crash either all of them are there or none.
/// Applied in the order they were added. Not thread-safe.
/// </summary>
/// <remarks>
/// An operation may expect a version (<see cref="Document.Version"/>, or <see cref="RecordVersion.None"/> for a record that is not there).
/// Expected versions are held against the records as they are before the batch, at the moment it is carried out. Where one does not hold,
/// nothing of the batch is applied and the write fails with <see cref="SearchDatabaseError.VersionConflict"/>, which names the key: read
/// the record again, decide again, write again.
/// </remarks>
public sealed class WriteBatch
{
    internal List<WriteOperation> Operations { get; } = [];

    /// <summary>Operations so far.</summary>
    public int Count => Operations.Count;

    /// <summary>Inserts the document, or replaces the whole record of its key.</summary>
    /// <param name="document">The record.</param>
    /// <param name="expectedVersion">The version that the record must have; null replaces whatever is there.</param>
    public WriteBatch Upsert(Document document, RecordVersion? expectedVersion = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        Operations.Add(new WriteOperation(WriteOperationKind.Upsert, document.Key, document, expectedVersion));
        return this;
    }

    /// <summary>
    /// Sets the fields and vectors that <paramref name="changes"/> holds and keeps the record's others, vectors too. A field set to null
    /// becomes null; a vector of no components is removed. A vector that is made of a field's text is made anew where that field is
    /// changed (and removed where the text becomes null), unless a vector is given. Where there is no record of the key nothing happens:
    /// <see cref="WriteResult.NotFound"/> counts it.
    /// </summary>
    /// <param name="changes">The key and what changes.</param>
    /// <param name="expectedVersion">The version that the record must have; null changes whatever is there.</param>
    public WriteBatch Patch(Document changes, RecordVersion? expectedVersion = null)
    {
        ArgumentNullException.ThrowIfNull(changes);
        Operations.Add(new WriteOperation(WriteOperationKind.Patch, changes.Key, changes, expectedVersion));
        return this;
    }

    /// <summary>
    /// As <see cref="Patch"/> where there is a record of the key, and as <see cref="Upsert"/> where there is none: what
    /// <paramref name="document"/> does not hold is kept, or absent.
    /// </summary>
    /// <param name="document">The key and what is set.</param>
    /// <param name="expectedVersion">The version that the record must have; null for any.</param>
    public WriteBatch Merge(Document document, RecordVersion? expectedVersion = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        Operations.Add(new WriteOperation(WriteOperationKind.Merge, document.Key, document, expectedVersion));
        return this;
    }

    /// <summary>Deletes the record of the key; nothing happens where there is none.</summary>
    /// <param name="key">The record.</param>
    /// <param name="expectedVersion">The version that the record must have; null deletes whatever is there.</param>
    public WriteBatch Delete(RecordKey key, RecordVersion? expectedVersion = null)
    {
        Operations.Add(new WriteOperation(WriteOperationKind.Delete, key, null, expectedVersion));
        return this;
    }

    /// <summary>Sets a small named value of the collection itself (null removes it), for instance the state of an ingested file.</summary>
    public WriteBatch SetMetadata(string name, string? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (System.Text.Encoding.UTF8.GetByteCount(name) > RecordKey.MaxStringBytes)
            throw new ArgumentException($"A metadata name may have at most {RecordKey.MaxStringBytes} UTF-8 bytes.", nameof(name));
        Operations.Add(new WriteOperation(WriteOperationKind.SetMetadata, default, null, null, name, value));
        return this;
    }
}
