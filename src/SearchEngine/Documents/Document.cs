namespace SearchEngine;

/// <summary>
/// A record as the user gives and gets it: a key, data fields by name and vectors by name. Not thread-safe; the engine copies what it
/// keeps.
/// </summary>
public sealed class Document
{
    /// <summary>Makes a document of the given key.</summary>
    public Document(RecordKey key) => Key = key;

    /// <summary>The record's key, unique in its collection.</summary>
    public RecordKey Key { get; }

    /// <summary>
    /// In what a read returns: the record's version, to be given as the expected one when the record is written again
    /// (<see cref="WriteBatch.Upsert"/>). Passed over in what a write takes.
    /// </summary>
    public RecordVersion Version { get; init; }

    /// <summary>Values of the schema's data fields, by field name. A field that is absent is stored as null.</summary>
    public IDictionary<string, object?> Fields { get; init; } = new Dictionary<string, object?>(StringComparer.Ordinal);

    /// <summary>
    /// Vectors by the name of their vector field; an empty one says that the record has none, and that none is to be made of its text. In
    /// what a read returns: present only where vectors were asked for.
    /// </summary>
    public IDictionary<string, ReadOnlyMemory<float>> Vectors { get; init; } =
        new Dictionary<string, ReadOnlyMemory<float>>(StringComparer.Ordinal);

    /// <summary>
    /// Texts to embed at write time, by vector field, in place of the field that <see cref="VectorField.SourceField"/> names
    /// (for instance a passage with its headings in front). Not stored. A vector given in <see cref="Vectors"/> wins.
    /// </summary>
    public IDictionary<string, string> EmbeddingTexts { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A data field's value; null where absent.</summary>
    public object? this[string field]
    {
        get => Fields.TryGetValue(field, out var value) ? value : null;
        set => Fields[field] = value;
    }

    /// <summary>A data field's value as <typeparamref name="T"/>, or the default where it is null.</summary>
    /// <exception cref="InvalidCastException">The value is of another type.</exception>
    public T? Get<T>(string field) => this[field] is { } value ? (T)value : default;
}
